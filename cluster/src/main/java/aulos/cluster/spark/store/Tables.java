// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark.store;

import java.io.IOException;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** Parquet files, one at a time, without Spark's SQL, which takes seconds of processor time to start and to plan. */
public final class Tables {
    /** Rows are held in memory until there are so many bytes of them. */
    private static final long ROW_GROUP = 16 << 20;

    private Tables() {}

    /** Writes a file, which is whole once the writer is closed. */
    public static ParquetWriter<Group> writer(Store store, Path file, MessageType schema) throws IOException {
        return ExampleParquetWriter.builder(new Target(store, file)).withType(schema).withRowGroupSize(ROW_GROUP).build();
    }

    /**
     * Reads some columns of all rows of a file, and nothing of the others.
     *
     * @param columns a schema of columns that the file has
     */
    public static void read(Store store, Path file, MessageType columns, Consumer<Group> rows) throws IOException {
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, store.conf()))) {
            reader.setRequestedSchema(columns);
            MessageColumnIO all = new ColumnIOFactory().getColumnIO(columns, reader.getFileMetaData().getSchema());
            for (PageReadStore pages = reader.readNextRowGroup(); pages != null; pages = reader.readNextRowGroup()) {
                RecordReader<Group> records = all.getRecordReader(pages, new GroupRecordConverter(columns));
                for (long left = pages.getRowCount(); left > 0; left--) {
                    rows.accept(records.read());
                }
            }
        }
    }

    private record Target(Store store, Path path) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSize) throws IOException {
            FSDataOutputStream out = store.create(path);
            return new PositionOutputStream() {
                @Override
                public long getPos() {
                    return out.getPos();
                }

                @Override
                public void write(int b) throws IOException {
                    out.write(b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                }

                @Override
                public void flush() throws IOException {
                    out.flush();
                }

                @Override
                public void close() throws IOException {
                    out.close();
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSize) throws IOException {
            return create(blockSize);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
