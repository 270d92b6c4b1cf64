// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Chooses a backend by name. An explicit choice that cannot be had is an error, never another device. */
public final class Backends {
    private static final Pattern DEVICE = Pattern.compile("([a-z]+)(?::(\\d{1,3}(?:,\\d{1,3})*))?");

    private Backends() {}

    /** Every kind of backend on the class path, the preferred first. */
    public static List<BackendProvider> providers() {
        return sorted(unsorted());
    }

    /** Asking for preferences may start a driver, so it is not done for those who know what they want. */
    private static List<BackendProvider> unsorted() {
        return ServiceLoader.load(BackendProvider.class).stream().map(ServiceLoader.Provider::get).toList();
    }

    private static List<BackendProvider> sorted(List<BackendProvider> providers) {
        record Ranked(BackendProvider provider, int preference) {}
        return providers.stream().map(provider -> new Ranked(provider, provider.preference()))
                .sorted(Comparator.comparingInt(Ranked::preference).reversed()).map(Ranked::provider).toList();
    }

    /**
     * Opens the device that a string like {@code auto}, {@code cpu}, {@code reference} or {@code opencl:1} names.
     *
     * @throws IllegalArgumentException if no such kind is there, or several devices are named
     * @throws IllegalStateException if it is there but has no such device
     */
    public static Backend open(String device) {
        return open(device, false);
    }

    /**
     * Opens a device of a kind, such as {@code cpu}, for work beside that of other threads: see {@link
     * BackendProvider#openOnOneThread}.
     *
     * @throws IllegalArgumentException if no such kind is there
     */
    public static Backend openOnOneThread(String kind) {
        List<BackendProvider> providers = unsorted();
        return named(kind, providers).orElseThrow(() -> unknown(kind, providers)).openOnOneThread();
    }

    /** Warms all kinds up: see {@link BackendProvider#warmUp}. */
    public static void warmUp() {
        unsorted().forEach(BackendProvider::warmUp);
    }

    private static Optional<BackendProvider> named(String kind, List<BackendProvider> providers) {
        return providers.stream().filter(provider -> provider.name().equals(kind)).findFirst();
    }

    /** As {@link #open(String)}, with {@link BackendProvider#open(int, boolean)}. */
    public static Backend open(String device, boolean exact) {
        if (device.contains(",")) {
            throw new IllegalArgumentException("device " + device + " names several, expected one: only training shares"
                    + " its work among devices");
        }
        return openAll(device, exact).getFirst();
    }

    /**
     * Opens the devices that a string like {@code opencl:0,1} names, or the one as in {@link #open}. A device that is
     * named twice is opened twice.
     *
     * @param exact as in {@link BackendProvider#open(int, boolean)}
     * @throws IllegalArgumentException if no such kind is there, or the devices differ
     * @throws IllegalStateException if it is there but has no such device
     */
    public static List<Backend> openAll(String device, boolean exact) {
        List<BackendProvider> providers = unsorted();
        Matcher matcher = DEVICE.matcher(device);
        if (!matcher.matches()) {
            throw unknown(device, providers);
        }
        String name = matcher.group(1);
        int[] indices = matcher.group(2) == null ? new int[1]
                : Arrays.stream(matcher.group(2).split(",")).mapToInt(Integer::parseInt).toArray();
        BackendProvider chosen = name.equals("auto") && matcher.group(2) == null
                ? automatic(sorted(providers))
                : named(name, providers).orElseThrow(() -> unknown(device, providers));
        List<String> devices = chosen.devices();
        for (int index : indices) {
            if (index >= devices.size()) {
                throw new IllegalStateException("device " + device + ": " + chosen.name() + " has " + devices.size()
                        + (devices.size() == 1 ? " device" : " devices") + ", numbered from 0");
            }
            if (!devices.get(index).equals(devices.get(indices[0]))) {
                throw new IllegalArgumentException("device " + device + " names " + devices.get(indices[0]) + " and "
                        + devices.get(index) + ", expected devices of one kind");
            }
        }
        List<Backend> opened = new ArrayList<>();
        try {
            for (int index : indices) {
                opened.add(chosen.open(index, exact));
            }
        } catch (RuntimeException e) {
            opened.forEach(Backend::close);
            throw e;
        }
        return opened;
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
