// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.io.Dtype;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Python's pickle machine, restricted to what {@code torch.save} writes (protocol 2; the opcodes that protocols 3 to 5
 * put in their place are understood too). It knows the few classes of {@link PickleClass} and runs nothing else. The
 * result is a tree of {@link OrderedDict}, LinkedHashMap, ArrayList, {@link PyTuple}, {@link TensorView}, Long, Double,
 * Boolean, String and null, which may still share nodes or even contain itself: {@link TensorTree} looks into that.
 * Opcodes: CPython's {@code pickletools}.
 */
final class Unpickler {
    /** Some 40 for each of the most tensors there may be. */
    private static final int MAX_OPCODES = 40 * PickleBudget.MOST_TENSORS;
    private static final int MAX_MARKS = 1_000;
    private static final int MAX_ARGUMENTS = 7;
    private static final int MAX_MIXED = 100;
    /** Names are compared again and again, in each dict they are in; the longest of a layer have some 100 characters. */
    private static final int MAX_KEY = 1_000;
    private static final int STOP = '.';

    private final PickleInput in;
    private final Map<String, Storage> storages;
    private final PickleBudget budget;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private Unpickler(PickleInput in, Map<String, Storage> storages, PickleBudget budget) {
        this.in = in;
        this.storages = storages;
        this.budget = budget;
    }

    /**
     * Reads one pickle, up to and including its STOP.
     *
     * @param storages where the storages that the pickle names are collected
     * @param budget of all pickles of a file
     */
    static Object load(PickleInput in, Map<String, Storage> storages, PickleBudget budget) throws IOException {
        return new Unpickler(in, storages, budget).load();
    }

    private Object load() throws IOException {
        for (int count = 0; count < MAX_OPCODES; count++) {
            int opcode = in.u8();
            if (opcode == STOP) {
                return pop();
            }
            budget.charge(PickleBudget.SLOT);
            step(opcode);
        }
        throw new IOException("the pickle has more than " + MAX_OPCODES + " opcodes");
    }

    private void step(int opcode) throws IOException {
        switch (opcode) {
            case 0x80 -> protocol(in.u8());
            case 0x95 -> in.i64(); // FRAME: only a hint about how much to read ahead
            case '(' -> mark();
            case '0' -> pop();
            case '1' -> popMark();
            case 'N' -> stack.add(null);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> push((long) in.i32(), PickleBudget.NUMBER);
            case 'K' -> push((long) in.u8(), PickleBudget.NUMBER);
            case 'M' -> push((long) in.u16(), PickleBudget.NUMBER);
            case 0x8a -> push(in.integer(in.u8()), PickleBudget.NUMBER);
            case 0x8b -> push(in.integer(in.i32() & 0xFFFF_FFFFL), PickleBudget.NUMBER);
            case 'G' -> push(in.f64(), PickleBudget.NUMBER);
            case 'X', 'T' -> text(in.i32() & 0xFFFF_FFFFL);
            case 0x8c, 'U' -> text(in.u8());
            case 0x8d -> text(in.i64());
            case '}' -> push(new LinkedHashMap<>(), PickleBudget.CONTAINER);
            case ']' -> push(new ArrayList<>(), PickleBudget.CONTAINER);
            case ')' -> push(new PyTuple(), PickleBudget.CONTAINER);
            case 0x85 -> tuple(1);
            case 0x86 -> tuple(2);
            case 0x87 -> tuple(3);
            case 't' -> push(new PyTuple(popMark().toArray()), PickleBudget.CONTAINER);
            case 'l' -> push(popMark(), PickleBudget.CONTAINER);
            case 'd' -> push(fill(new LinkedHashMap<>(), popMark()), PickleBudget.CONTAINER);
            case 'a' -> append();
            case 'e' -> appendAll();
            case 's' -> setItem();
            case 'u' -> setItems();
            case 'q' -> remember(in.u8());
            case 'r' -> remember(in.i32());
            case 0x94 -> remember(memo.size());
            case 'h' -> get(in.u8());
            case 'j' -> get(in.i32());
            case 'c' -> push(PickleClass.named(in.line(), in.line()), PickleBudget.TEXT);
            case 0x93 -> stackGlobal();
            case 'R' -> reduce();
            case 'b' -> build();
            case 'Q' -> stack.add(storage(pop()));
            default -> throw new IOException(String.format("opcode 0x%02x before byte %d of the pickle is none that "
                    + "torch.save writes", opcode, in.position()));
        }
    }

    private void protocol(int protocol) throws IOException {
        if (protocol < 2 || protocol > 5) {
            throw new IOException("pickle protocol " + protocol + ", expected 2 to 5");
        }
    }

    private void push(Object value, int cost) throws IOException {
        budget.charge(cost);
        stack.add(value);
    }

    private void text(long length) throws IOException {
        budget.charge(PickleBudget.TEXT + Math.clamp(length, 0, Integer.MAX_VALUE));
        stack.add(in.text(length));
    }

    private void remember(int index) throws IOException {
        budget.charge(PickleBudget.ENTRY);
        memo.put(index, top());
    }

    private void mark() throws IOException {
        budget.charge(PickleBudget.MARK);
        if (marks.size() == MAX_MARKS) {
            throw new IOException("the pickle nests deeper than " + MAX_MARKS + " at byte " + in.position());
        }
        marks.add(stack.size());
    }

    private Object pop() throws IOException {
        Object top = top();
        stack.removeLast();
        return top;
    }

    private Object top() throws IOException {
        if (stack.size() == (marks.isEmpty() ? 0 : marks.getLast())) {
            throw new IOException("the pickle takes a value that is not there before byte " + in.position());
        }
        return stack.getLast();
    }

    /** Everything above the last mark, in order. */
    private List<Object> popMark() throws IOException {
        if (marks.isEmpty()) {
            throw new IOException("the pickle takes a mark that is not there before byte " + in.position());
        }
        List<Object> above = stack.subList(marks.removeLast(), stack.size());
        List<Object> values = new ArrayList<>(above);
        above.clear();
        return values;
    }

    private void tuple(int length) throws IOException {
        Object[] items = new Object[length];
        for (int i = length - 1; i >= 0; i--) {
            items[i] = pop();
        }
        push(new PyTuple(items), PickleBudget.CONTAINER);
    }

    private void append() throws IOException {
        Object value = pop();
        topList().add(value);
    }

    private void appendAll() throws IOException {
        List<Object> values = popMark();
        topList().addAll(values);
    }

    @SuppressWarnings("unchecked") // every ArrayList here was made here
    private List<Object> topList() throws IOException {
        if (top() instanceof ArrayList<?> list) {
            return (List<Object>) list;
        }
        throw new IOException("the pickle appends to what is not a list before byte " + in.position());
    }

    private void setItem() throws IOException {
        Object value = pop();
        Object key = pop();
        List<Object> entry = new ArrayList<>();
        entry.add(key);
        entry.add(value);
        fill(topMap(), entry);
    }

    private void setItems() throws IOException {
        List<Object> entries = popMark();
        fill(topMap(), entries);
    }

    @SuppressWarnings("unchecked") // every LinkedHashMap here was made here
    private SequencedMap<Object, Object> topMap() throws IOException {
        if (top() instanceof LinkedHashMap<?, ?> map) {
            return (SequencedMap<Object, Object>) map;
        }
        throw new IOException("the pickle sets an item of what is not a dict before byte " + in.position());
    }

    /**
     * Keys are scalars: hashing a container that holds itself would never end. Those of a large dict are of one kind: Java
     * finds keys of equal hash fast only if they can be compared.
     */
    private Map<Object, Object> fill(SequencedMap<Object, Object> map, List<Object> entries) throws IOException {
        if (entries.size() % 2 != 0) {
            throw new IOException("the pickle sets a key without a value before byte " + in.position());
        }
        for (int i = 0; i < entries.size(); i += 2) {
            Object key = entries.get(i);
            if (!(key instanceof String || key instanceof Long || key instanceof Double || key instanceof Boolean)) {
                throw new IOException("a dict before byte " + in.position()
                        + " of the pickle has a key that is neither a string nor a number");
            }
            if (key instanceof String name && name.length() > MAX_KEY) {
                throw tooLong("a dict", name);
            }
            if (map.size() > MAX_MIXED && key.getClass() != map.firstEntry().getKey().getClass()) {
                throw new IOException("a dict before byte " + in.position() + " of the pickle has more than " + MAX_MIXED
                        + " keys that are not all of one kind");
            }
            budget.charge(PickleBudget.ENTRY);
            map.put(key, entries.get(i + 1));
        }
        return map;
    }

    private IOException tooLong(String what, String key) {
        return new IOException(what + " before byte " + in.position() + " of the pickle has a key of " + key.length()
                + " characters, expected at most " + MAX_KEY);
    }

    private void get(int index) throws IOException {
        if (!memo.containsKey(index)) {
            throw new IOException("the pickle takes memo " + Integer.toUnsignedString(index)
                    + ", which is not there, before byte " + in.position());
        }
        stack.add(memo.get(index));
    }

    private void stackGlobal() throws IOException {
        if (pop() instanceof String name && pop() instanceof String module) {
            stack.add(PickleClass.named(module, name));
        } else {
            throw new IOException("the pickle names a class by what is not a string before byte " + in.position());
        }
    }

    private void reduce() throws IOException {
        if (pop() instanceof PyTuple arguments && pop() instanceof PickleClass function) {
            long copied = 0; // of the sizes and strides that it is called with
            for (Object argument : arguments.subList(0, Math.min(arguments.size(), MAX_ARGUMENTS))) {
                copied += argument instanceof List<?> list ? list.size() : 0;
            }
            budget.charge(PickleBudget.CALL + copied * PickleBudget.SLOT);
            Object made = function.call(arguments);
            if (made instanceof TensorView && function != PickleClass.PARAMETER) {
                budget.countTensor();
            }
            stack.add(made);
        } else {
            throw new IOException("the pickle calls what is not a class before byte " + in.position());
        }
    }

    /** The attributes of a state dict are its {@code _metadata}, versions of PyTorch's modules: of no use here. */
    private void build() throws IOException {
        if (!(pop() instanceof Map<?, ?>) || !(top() instanceof OrderedDict)) {
            throw new IOException("the pickle sets attributes of what is not an OrderedDict before byte "
                    + in.position());
        }
    }

    /** ('storage', class, key, location, elements[, None]): wherever it was, it is read into host memory. */
    private Storage storage(Object id) throws IOException {
        if (!(id instanceof PyTuple fields && (fields.size() == 5 || (fields.size() == 6 && fields.get(5) == null))
                && "storage".equals(fields.get(0)) && fields.get(1) instanceof PickleClass type
                && fields.get(2) instanceof String key && fields.get(4) instanceof Long elements)) {
            throw new IOException("the persistent id before byte " + in.position()
                    + " of the pickle is not ('storage', class, key, location, elements)");
        }
        budget.charge(PickleBudget.STORAGE);
        if (key.length() > MAX_KEY) {
            throw tooLong("a storage", key);
        }
        Storage storage = new Storage(key, type.dtype(), elements);
        if (elements < 0 || elements > Dtype.MAX_LENGTH) {
            throw new IOException(storage + ": expected 0 to " + Dtype.MAX_LENGTH + " elements");
        }
        Storage known = storages.putIfAbsent(key, storage);
        if (known != null && !known.equals(storage)) {
            throw new IOException(storage + " is also " + known);
        }
        if (storages.size() > PickleBudget.MOST_TENSORS) {
            throw new IOException("the pickle names more than " + PickleBudget.MOST_TENSORS + " storages");
        }
        return storage;
    }
}
