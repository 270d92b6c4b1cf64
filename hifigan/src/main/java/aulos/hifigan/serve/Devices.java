// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.engine.BackendProvider;
import aulos.engine.Backends;
import aulos.engine.Precision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The devices that requests may name, the default one first. */
final class Devices implements AutoCloseable {
    private final Map<String, Device> byName = new LinkedHashMap<>();

    /**
     * The wanted one, and all others that {@code auto} would ever choose: the reference computes for minutes on what
     * takes others a second, so it has to be wanted.
     *
     * @param wanted as in {@code --device}
     * @param precision of the wanted one
     */
    Devices(String wanted, Precision precision) {
        List<String> names = names();
        String first = wanted.equals("auto") && !names.isEmpty() ? names.getFirst() : wanted;
        byName.put(first, new Device(first, precision));
        names.forEach(name -> byName.computeIfAbsent(name, other -> new Device(other, Precision.FLOAT32)));
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (BackendProvider provider : Backends.providers()) {
            if (provider.preference() >= 0) {
                try {
                    int count = provider.devices().size();
                    for (int i = 0; i < count; i++) {
                        names.add(count == 1 ? provider.name() : provider.name() + ":" + i);
                    }
                } catch (IllegalStateException absent) {
                    // 'aulos devices' says why.
                }
            }
        }
        return names;
    }

    Device defaultDevice() {
        return byName.values().iterator().next();
    }

    List<String> list() {
        return List.copyOf(byName.keySet());
    }

    /**
     * The device of that name, the default one for null.
     *
     * @throws Refusal if there is none
     */
    Device find(String name) throws Refusal {
        if (name == null) {
            return defaultDevice();
        }
        Device device = byName.get(name);
        if (device == null) {
            throw new Refusal(Refusal.NOT_FOUND, "there is no such device, expected one of "
                    + String.join(", ", byName.keySet()));
        }
        return device;
    }

    @Override
    public void close() {
        byName.values().forEach(Device::close);
    }
}
