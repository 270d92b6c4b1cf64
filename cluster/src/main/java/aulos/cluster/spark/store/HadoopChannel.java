// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.apache.hadoop.fs.FSDataInputStream;

/** A file on any Hadoop file system as the channel that Aulos' readers take: what is passed over is not fetched. */
final class HadoopChannel implements SeekableByteChannel {
    private static final int BLOCK = 1 << 16;

    private final FSDataInputStream in;
    private final long size;
    private final byte[] block = new byte[BLOCK];
    private long position;
    private boolean open = true;

    HadoopChannel(FSDataInputStream in, long size) {
        this.in = in;
        this.size = size;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int wanted = Math.min(target.remaining(), BLOCK);
        if (wanted == 0) {
            return 0;
        }
        if (position >= size) {
            return -1;
        }
        if (in.getPos() != position) {
            in.seek(position);
        }
        int read = in.read(block, 0, wanted);
        if (read > 0) {
            target.put(block, 0, read);
            position += read;
        }
        return read;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long newSize) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        open = false;
        in.close();
    }
}
