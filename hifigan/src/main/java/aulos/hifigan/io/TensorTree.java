// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.io.InputFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts arrays in the place of the {@link TensorView}s of an unpickled tree, and makes sure that it is a tree that code
 * can walk: not too deep, without a node that contains itself, and not a few nodes that by sharing stand for billions.
 */
final class TensorTree {
    private static final int MAX_DEPTH = 100;
    private static final long MAX_NODES = 10_000_000;
    private static final int MAX_STEP = 40;

    /** Of a container, all shared parts counted as often as they occur. */
    private static final class Extent {
        private int height = 1;
        private long nodes = 1;
        private boolean open = true;
    }

    private final Storage.Source source;
    private final IdentityHashMap<Object, Extent> extents = new IdentityHashMap<>();
    private final IdentityHashMap<TensorView, NdArray> arrays = new IdentityHashMap<>();
    /** By the storage's key, of which there is one each. */
    private final Map<String, NdArray> loaded = new HashMap<>();
    private long copyBudget;

    private TensorTree(Storage.Source source, long copyBudget) {
        this.source = source;
        this.copyBudget = copyBudget;
    }

    /**
     * @param copyBudget how many elements tensors may have that are not simply the whole of their storage: what keeps a
     *     small file from describing huge views of a small storage
     */
    static Object load(Object raw, Storage.Source source, long copyBudget) throws IOException {
        Extent whole = new Extent();
        return new TensorTree(source, copyBudget).child(raw, null, 1, whole);
    }

    private Object child(Object value, Place place, int depth, Extent parent) throws IOException {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> walked(map, place, depth, parent);
            case List<?> list -> walked(list, place, depth, parent);
            case TensorView view -> {
                parent.nodes++;
                yield array(view, place);
            }
            case String _, Long _, Double _, Boolean _ -> {
                parent.nodes++;
                yield value;
            }
            case Storage storage -> throw new IOException(at(place) + "is the bare " + storage + ", expected a tensor");
            case PickleClass type ->
                throw new IOException(at(place) + "is the class " + type.pythonName() + ", expected a value");
            default -> throw new AssertionError("the unpickler made a " + value.getClass());
        };
    }

    private Object walked(Object container, Place place, int depth, Extent parent) throws IOException {
        Extent extent = extents.get(container);
        if (extent == null) {
            extent = new Extent();
            if (depth > MAX_DEPTH) {
                throw tooDeep(place);
            }
            extents.put(container, extent);
            walk(container, place, depth, extent);
            extent.open = false;
        }
        if (extent.open) {
            throw new IOException(at(place) + "contains itself");
        }
        parent.height = Math.max(parent.height, extent.height + 1);
        parent.nodes += extent.nodes;
        if (parent.height > MAX_DEPTH) {
            throw tooDeep(place);
        }
        if (parent.nodes > MAX_NODES) {
            throw new IOException(at(place) + "brings the values to more than " + MAX_NODES);
        }
        return container;
    }

    @SuppressWarnings("unchecked") // the unpickler made them, of Objects
    private void walk(Object container, Place place, int depth, Extent extent) throws IOException {
        switch (container) {
            case Map<?, ?> map -> {
                for (Map.Entry<Object, Object> entry : ((Map<Object, Object>) map).entrySet()) {
                    entry.setValue(child(entry.getValue(), new Place(place, entry.getKey()), depth + 1, extent));
                }
            }
            case PyTuple tuple -> {
                for (int i = 0; i < tuple.size(); i++) {
                    tuple.replace(i, child(tuple.get(i), new Place(place, i), depth + 1, extent));
                }
            }
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    ((List<Object>) list).set(i, child(list.get(i), new Place(place, i), depth + 1, extent));
                }
            }
            default -> throw new AssertionError("not a container: " + container.getClass());
        }
    }

    private NdArray array(TensorView view, Place place) throws IOException {
        NdArray known = arrays.get(view);
        if (known == null) {
            try {
                known = load(view);
            } catch (IOException e) {
                throw new IOException(at(place) + e.getMessage(), e);
            }
            arrays.put(view, known);
        }
        return known;
    }

    private NdArray load(TensorView view) throws IOException {
        view.checkBounds();
        if (!view.isWhole()) {
            copyBudget -= view.shape().size();
            if (copyBudget < 0) {
                throw new IOException("shape " + view.shape() + " is a view of " + view.storage()
                        + " that brings the elements of all views beyond the size of the file");
            }
        }
        NdArray values = loaded.get(view.storage().key());
        if (values == null) {
            values = source.read(view.storage());
            loaded.put(view.storage().key(), values);
        }
        return view.of(values);
    }

    private static IOException tooDeep(Place place) {
        return new IOException(at(place) + "is nested deeper than " + MAX_DEPTH);
    }

    private static String at(Place place) {
        return place == null ? "the whole " : place.toString();
    }

    /** Where in the tree a value is; a text only when something is wrong there, since keys may be long. */
    private record Place(Place above, Object key) {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            for (Place place = this; place != null; place = place.above) {
                String step = String.valueOf(place.key);
                text.insert(0, step.substring(0, Math.min(step.length(), MAX_STEP)));
                text.insert(0, place.above == null ? "" : ".");
            }
            return InputFile.quote(text.toString()) + " ";
        }
    }
}
