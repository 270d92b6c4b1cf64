// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import aulos.hifigan.train.ranks.Launch;
import aulos.hifigan.train.ranks.Ranks;
import aulos.hifigan.train.ranks.RanksProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** Connects what mpirun has started through the MPI library that is installed. */
public final class MpiProvider implements RanksProvider {
    @Override
    public Ranks connect(Launch launch, boolean halfPrecision, Consumer<String> console) {
        SignalHandlers handlers = new SignalHandlers();
        MpiLibrary library = MpiLibrary.load(launch.launcher());
        Wrapped wrapped = new Wrapped();
        boolean outlives = wrapped.leaveGroup();
        MpiThread thread = new MpiThread();
        Mpi mpi = thread.open(library);
        handlers.restore();
        if (outlives) {
            wrapped.outliveLauncher(launch.launcher());
        }
        if (mpi.count() != launch.count() || mpi.rank() != launch.rank()) {
            throw new IllegalStateException("the launcher has started this as rank " + launch.rank() + " of "
                    + launch.count() + ", but " + mpi.version() + " takes it for rank " + mpi.rank() + " of "
                    + mpi.count() + ": is mpirun of another MPI?");
        }
        MpiRanks ranks = new MpiRanks(thread, mpi, halfPrecision);
        try {
            List<String> names = ranks.gather(name().getBytes(StandardCharsets.UTF_8)).stream()
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
            ranks.watchedBy(Watch.start(mpi.rank(), names, ranks::gather, console));
        } catch (IOException e) {
            throw new IllegalStateException("connecting the ranks: " + e.getMessage(), e);
        }
        if (mpi.rank() == 0) {
            console.accept(mpi.count() + " ranks over " + mpi.version());
        }
        return ranks;
    }

    private static String name() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            host = "host without a name";
        }
        return host + ", process " + ProcessHandle.current().pid();
    }
}
