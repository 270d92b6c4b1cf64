// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/** The threads and the memory that a kernel runs on. */
public record Workspace(WorkerPool pool, BufferPool buffers, Scratch scratch) {
    public Workspace(WorkerPool pool, BufferPool buffers) {
        this(pool, buffers, new Scratch(pool.threads()));
    }
}
