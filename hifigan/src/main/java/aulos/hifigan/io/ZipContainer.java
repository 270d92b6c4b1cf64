// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.io.InputFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The zip archive of PyTorch since 1.6: {@code NAME/data.pkl} describes the tree, {@code NAME/data/KEY} are the
 * storages. Entries are stored, never compressed, so none is longer than the file, and an archive that inflates is
 * refused.
 */
final class ZipContainer implements Storage.Source {
    static final String PICKLE = "data.pkl";
    private static final long MAX_PICKLE = 1 << 28;
    /** A storage for each tensor, and some more; Java finds entries of equal hash one by one. */
    private static final int MAX_ENTRIES = PickleBudget.MOST_TENSORS + 10;

    private final ZipFile zip;
    private final String prefix;
    private long readBudget;

    private ZipContainer(ZipFile zip, String prefix, long readBudget) {
        this.zip = zip;
        this.prefix = prefix;
        this.readBudget = readBudget;
    }

    static Object read(InputFile file, PyTorchFile.Selection selection) throws IOException {
        try (ZipFile zip = new ZipFile(file.path().toFile())) {
            if (zip.size() > MAX_ENTRIES) {
                throw new IOException("a zip archive of " + zip.size() + " entries, expected at most " + MAX_ENTRIES);
            }
            ZipContainer container = new ZipContainer(zip, prefix(zip), file.size());
            container.checkByteOrder();
            ZipEntry entry = container.entry(PICKLE);
            if (entry.getSize() > MAX_PICKLE) {
                throw new IOException(
                        entry.getName() + " has " + entry.getSize() + " bytes, expected at most " + MAX_PICKLE);
            }
            byte[] pickle = container.bytes(entry);
            PickleInput in = new PickleInput(new ByteArrayInputStream(pickle), 0);
            Object raw = Unpickler.load(in, new HashMap<>(), new PickleBudget(pickle.length));
            return TensorTree.load(selection.select(raw), container, file.size());
        } catch (ZipException e) {
            throw new IOException("a damaged or truncated zip archive: " + e.getMessage(), e);
        }
    }

    private static String prefix(ZipFile zip) throws IOException {
        List<String> pickles = zip.stream().map(ZipEntry::getName)
                .filter(name -> name.equals(PICKLE) || name.endsWith("/" + PICKLE)).limit(2).toList();
        if (pickles.size() != 1) {
            throw new IOException("a zip archive with " + (pickles.isEmpty() ? "no" : "more than one") + " " + PICKLE
                    + ", expected one as torch.save writes it");
        }
        return pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
    }

    private void checkByteOrder() throws IOException {
        if (zip.getEntry(prefix + "byteorder") != null) {
            String order = new String(bytes(entry("byteorder")), StandardCharsets.US_ASCII);
            if (!order.equals("little")) {
                throw new IOException("the byte order is " + InputFile.quote(order) + ", expected 'little'");
            }
        }
    }

    private ZipEntry entry(String name) throws IOException {
        ZipEntry entry = zip.getEntry(prefix + name);
        if (entry == null) {
            throw new IOException("the archive has no " + InputFile.quote(prefix + name));
        }
        if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
            throw new IOException(InputFile.quote(entry.getName()) + " is compressed, expected it stored as is");
        }
        readBudget -= entry.getSize();
        if (entry.getSize() < 0 || readBudget < 0) {
            throw new IOException(InputFile.quote(entry.getName()) + " claims " + entry.getSize()
                    + " bytes, more than the file has left");
        }
        return entry;
    }

    private byte[] bytes(ZipEntry entry) throws IOException {
        try (CheckedInputStream in = open(entry)) {
            byte[] bytes = in.readAllBytes();
            checkCrc(entry, in);
            return bytes;
        }
    }

    @Override
    public NdArray read(Storage storage) throws IOException {
        ZipEntry entry = entry("data/" + storage.key());
        if (entry.getSize() != storage.bytes()) {
            throw new IOException(storage + " has " + entry.getSize() + " bytes, expected " + storage.bytes());
        }
        try (CheckedInputStream in = open(entry)) {
            NdArray values = storage.dtype().read(in, PyTorchFile.flat(storage), ByteOrder.LITTLE_ENDIAN);
            checkCrc(entry, in);
            return values;
        }
    }

    private CheckedInputStream open(ZipEntry entry) throws IOException {
        InputStream in = zip.getInputStream(entry);
        return new CheckedInputStream(in, new CRC32());
    }

    private static void checkCrc(ZipEntry entry, CheckedInputStream in) throws IOException {
        long crc = in.getChecksum().getValue();
        if (crc != entry.getCrc()) {
            throw new IOException(String.format("%s is damaged: its CRC is %08x, expected %08x",
                    InputFile.quote(entry.getName()), crc, entry.getCrc()));
        }
    }
}
