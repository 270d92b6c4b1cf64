// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark.store;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;

/** Files on Hadoop file systems; local ones without the checksum files that Hadoop would put beside them. */
public record Store(Configuration conf) {

    /**
     * The file system that a path is on.
     *
     * @throws IOException if there is none of that name, its jars are missing, or it cannot be reached
     */
    public FileSystem of(Path path) throws IOException {
        try {
            FileSystem system = path.getFileSystem(conf);
            return system instanceof LocalFileSystem local ? local.getRaw() : system;
        } catch (RuntimeException e) {
            // Hadoop knows the scheme, but what is to read it is in a jar of its own.
            if (e.getCause() == null) {
                throw e;
            }
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw new IOException(path + ": its file system cannot be opened: " + cause.getMessage()
                    + " (see --packages in docs/cluster.md)", e);
        }
    }

    /** The path with its file system's name. */
    public Path qualify(String path) throws IOException {
        Path given = new Path(path);
        FileSystem system = of(given);
        return given.makeQualified(system.getUri(), system.getWorkingDirectory());
    }

    /** A file to be read at any place. */
    public SeekableByteChannel open(Path path) throws IOException {
        FileSystem system = of(path);
        if (system instanceof RawLocalFileSystem local) {
            return Files.newByteChannel(local.pathToFile(path).toPath());
        }
        FileStatus status = system.getFileStatus(path);
        return new HadoopChannel(system.open(path), status.getLen());
    }

    /** A whole file, of up to 2 GiB. */
    public byte[] read(Path path) throws IOException {
        try (SeekableByteChannel channel = open(path)) {
            return Channels.newInputStream(channel).readAllBytes();
        }
    }

    /** Whether there is such a file or folder. */
    public boolean exists(Path path) throws IOException {
        return of(path).exists(path);
    }

    /** Replaces what is there, or makes it. The file has its name, or none that a reader would look for, at all times. */
    public FSDataOutputStream create(Path temporary) throws IOException {
        return of(temporary).create(temporary, true);
    }

    /** Gives a file its final name, over another; as one step where the file system can. */
    public void rename(Path from, Path to) throws IOException {
        FileSystem system = of(to);
        system.mkdirs(to.getParent());
        if (system instanceof RawLocalFileSystem local) {
            Files.move(local.pathToFile(from).toPath(), local.pathToFile(to).toPath(),
                    StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else {
            FileContext.getFileContext(system.getUri(), conf).rename(from, to, Options.Rename.OVERWRITE);
        }
    }

    /** Removes a file, or a folder with all in it, if it is there. */
    public void delete(Path path) throws IOException {
        of(path).delete(path, true);
    }

    /** All files under a folder, in order of name, without those that are hidden; none if there is no such folder. */
    public List<LocatedFileStatus> walk(Path folder) throws IOException {
        List<LocatedFileStatus> files = new ArrayList<>();
        FileSystem system = of(folder);
        if (!system.exists(folder)) {
            return files;
        }
        int prefix = folder.toUri().getPath().length();
        RemoteIterator<LocatedFileStatus> all = system.listFiles(folder, true);
        while (all.hasNext()) {
            LocatedFileStatus file = all.next();
            if (!file.getPath().toUri().getPath().substring(prefix).matches(".*/[._].*")) {
                files.add(file);
            }
        }
        files.sort(null);
        return files;
    }
}
