// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Chooses a backend by name. An explicit choice that cannot be had is an error, never another device. */
public final class Backends {
    private static final Pattern DEVICE = Pattern.compile("([a-z]+)(?::(\\d{1,3}))?");

    private Backends() {}

    /** Every kind of backend on the class path, the preferred first. */
    public static List<BackendProvider> providers() {
        return ServiceLoader.load(BackendProvider.class).stream().map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(BackendProvider::preference).reversed()).toList();
    }

    /**
     * Opens the device that a string like {@code auto}, {@code cpu}, {@code reference} or {@code opencl:1} names.
     *
     * @throws IllegalArgumentException if no such kind is there
     * @throws IllegalStateException if it is there but has no such device
     */
    public static Backend open(String device) {
        return open(device, false);
    }

    /** As {@link #open(String)}, with {@link BackendProvider#open(int, boolean)}. */
    public static Backend open(String device, boolean exact) {
        List<BackendProvider> providers = providers();
        Matcher matcher = DEVICE.matcher(device);
        if (!matcher.matches()) {
            throw unknown(device, providers);
        }
        String name = matcher.group(1);
        int index = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        BackendProvider chosen = name.equals("auto") && matcher.group(2) == null
                ? automatic(providers)
                : providers.stream().filter(provider -> provider.name().equals(name)).findFirst()
                        .orElseThrow(() -> unknown(device, providers));
        int count = chosen.devices().size();
        if (index >= count) {
            throw new IllegalStateException("device " + device + ": " + chosen.name() + " has " + count
                    + (count == 1 ? " device" : " devices") + ", numbered from 0");
        }
        return chosen.open(index, exact);
    }

    private static BackendProvider automatic(List<BackendProvider> providers) {
        for (BackendProvider provider : providers) {
            if (provider.preference() >= 0 && isThere(provider)) {
                return provider;
            }
        }
        throw new IllegalStateException("device auto: no backend but the reference is on the class path");
    }

    private static boolean isThere(BackendProvider provider) {
        try {
            return !provider.devices().isEmpty();
        } catch (IllegalStateException absent) {
            return false;
        }
    }

    private static IllegalArgumentException unknown(String device, List<BackendProvider> providers) {
        return new IllegalArgumentException("device " + device + " is not known, expected auto or one of "
                + String.join(", ", providers.stream().map(BackendProvider::name).toList()) + " (with :n for the n-th)");
    }
}
