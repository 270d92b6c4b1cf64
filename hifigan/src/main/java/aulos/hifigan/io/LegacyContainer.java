// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.io.Container;
import aulos.engine.io.InputFile;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The container before PyTorch 1.6: pickles of a magic number, the protocol version, facts about the system, the tree
 * and the keys of its storages; then for each key the number of elements (int64) and the elements.
 */
final class LegacyContainer implements Storage.Source {
    /** Of the pickled magic number, which {@link Container} has looked at. */
    private static final int MAGIC_BYTES = 15;
    private static final long PROTOCOL_VERSION = 1001;

    private final InputFile file;
    private final Map<String, Long> offsets = new HashMap<>();

    private LegacyContainer(InputFile file) {
        this.file = file;
    }

    static Object read(InputFile file, PyTorchFile.Selection selection) throws IOException {
        PickleInput in = new PickleInput(new BufferedInputStream(file.streamAt(MAGIC_BYTES)), MAGIC_BYTES);
        Map<String, Storage> storages = new HashMap<>();
        PickleBudget budget = new PickleBudget(file.size());
        Object protocol = Unpickler.load(in, storages, budget);
        if (!(protocol instanceof Long version) || version != PROTOCOL_VERSION) {
            throw new IOException("the protocol version is not " + PROTOCOL_VERSION);
        }
        if (!(Unpickler.load(in, storages, budget) instanceof Map<?, ?> system)
                || !Boolean.TRUE.equals(system.get("little_endian"))) {
            throw new IOException("the system that wrote the file was not little-endian");
        }
        Object raw = Unpickler.load(in, storages, budget);
        if (!(Unpickler.load(in, storages, budget) instanceof List<?> keys)) {
            throw new IOException("after the tree of values comes no list of storages");
        }
        LegacyContainer container = new LegacyContainer(file);
        container.locate(keys, storages, in.position());
        return TensorTree.load(selection.select(raw), container, file.size());
    }

    private void locate(List<?> keys, Map<String, Storage> storages, long start) throws IOException {
        long offset = start;
        for (Object key : keys) {
            if (!(key instanceof String name) || !storages.containsKey(name)) {
                throw new IOException("the list of storages names one that no tensor uses");
            }
            Storage storage = storages.get(name);
            byte[] count = file.streamAt(offset).readNBytes(Long.BYTES);
            offset += Long.BYTES;
            if (offset + storage.bytes() > file.size()) {
                throw new IOException(storage + " at byte " + offset + " reaches beyond the end of the file, which has "
                        + file.size() + " bytes");
            }
            long elements = new PickleInput(new ByteArrayInputStream(count), offset).i64();
            if (elements != storage.elements()) {
                throw new IOException(storage + " has " + elements + " elements in its own header");
            }
            if (offsets.put(name, offset) != null) {
                throw new IOException("the list of storages names " + storage + " twice");
            }
            offset += storage.bytes();
        }
    }

    @Override
    public NdArray read(Storage storage) throws IOException {
        Long offset = offsets.get(storage.key());
        if (offset == null) {
            throw new IOException(storage + " is not in the list of storages");
        }
        return storage.dtype().read(file.streamAt(offset), PyTorchFile.flat(storage), ByteOrder.LITTLE_ENDIAN);
    }
}
