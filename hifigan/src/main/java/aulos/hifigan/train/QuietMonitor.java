// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

/** The monitor of a rank other than the first: all of them would say the same. */
record QuietMonitor(Monitor monitor) implements Monitor {
    @Override
    public void say(String line) {}

    @Override
    public void starts(long remaining) {}

    @Override
    public void stepped(double seconds) {}

    @Override
    public boolean stopRequested() {
        return monitor.stopRequested();
    }
}
