// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Stands for the file system of a cluster, {@code other:/…}: Aulos cannot know that its files are local ones. */
public final class OtherFileSystem extends FileSystem {
    static final URI NAME = URI.create("other:///");
    private final RawLocalFileSystem files = new RawLocalFileSystem();

    /** The same for Hadoop's newer interface, which can rename over a file. */
    public static final class Abstract extends DelegateToFileSystem {
        public Abstract(URI uri, Configuration conf) throws IOException, URISyntaxException {
            super(uri, initialised(conf), conf, "other", false);
        }

        private static OtherFileSystem initialised(Configuration conf) throws IOException {
            OtherFileSystem system = new OtherFileSystem();
            system.initialize(NAME, conf);
            return system;
        }
    }

    @Override
    public void initialize(URI name, Configuration conf) throws IOException {
        super.initialize(name, conf);
        setConf(conf);
        files.initialize(URI.create("file:///"), conf);
    }

    @Override
    public URI getUri() {
        return NAME;
    }

    private static Path local(Path path) {
        return new Path(path.toUri().getPath());
    }

    private static FileStatus other(FileStatus status) {
        return new FileStatus(status.getLen(), status.isDirectory(), 1, 1 << 25, status.getModificationTime(),
                new Path("other:" + status.getPath().toUri().getPath()));
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        return files.open(local(path), bufferSize);
    }

    @Override
    public FSDataOutputStream create(Path path, FsPermission permission, boolean overwrite, int bufferSize,
            short replication, long blockSize, Progressable progress) throws IOException {
        return files.create(local(path), permission, overwrite, bufferSize, replication, blockSize, progress);
    }

    @Override
    public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
        throw new UnsupportedOperationException("append");
    }

    /** As on HDFS, nothing is renamed over a file. */
    @Override
    public boolean rename(Path from, Path to) throws IOException {
        return !exists(to) && files.rename(local(from), local(to));
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        return files.delete(local(path), recursive);
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        FileStatus[] all = files.listStatus(local(path));
        for (int i = 0; i < all.length; i++) {
            all[i] = other(all[i]);
        }
        return all;
    }

    @Override
    public void setWorkingDirectory(Path folder) {
        files.setWorkingDirectory(local(folder));
    }

    @Override
    public Path getWorkingDirectory() {
        return new Path("other:/");
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) throws IOException {
        return files.mkdirs(local(path));
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        return other(files.getFileStatus(local(path)));
    }
}
