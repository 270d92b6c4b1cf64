'use strict';
// What was recorded, folded into a tree of parts by label, and one part laid out.

const data = JSON.parse(document.getElementById('data').textContent);
const statistics = s => s && {min: s[0], max: s[1], mean: s[2], deviation: s[3], others: s[4], bins: s[5]};
const entry = (e, place) => ({
    place, op: data.texts[e[0]], parameters: data.texts[e[1]], label: data.texts[e[2]], shape: data.texts[e[3]],
    bytes: e[4], held: e[5], forward: e[6], backward: e[7], inputs: e[8], keeps: e[9],
    value: statistics(e[10]), gradient: statistics(e[11]), readers: [], touched: Infinity, reached: Infinity,
});
const nodes = data.nodes.map((e, i) => entry(e, i));
const leaves = data.leaves.map((e, i) => entry(e, -1 - i));
const at = place => place >= 0 ? nodes[place] : leaves[-1 - place];
const steps = [];
for (let i = 0; i < data.steps.length; i += 3) {
    steps.push({node: data.steps[i], input: data.steps[i + 1], gradients: data.steps[i + 2]});
}
nodes.forEach(n => n.inputs.forEach((place, argument) => at(place).readers.push({node: n, argument})));
steps.forEach((s, i) => {
    nodes[s.node].touched = Math.min(nodes[s.node].touched, nodes.length + i);
    at(s.input).reached = Math.min(at(s.input).reached, nodes.length + i);
});
const SMALL = 40;
const MANY_PORTS = 16;

/** A part of the tape: what its label holds, or a run of ops where one label has too many for a picture. */
function part(name, parent) {
    return {name, parent, parts: new Map(), own: [], first: Infinity, last: -1, count: 0, forward: 0, backward: 0, held: 0};
}

const root = part('all', null);
function placeInTree() {
    for (const n of nodes) {
        let where = root;
        for (const name of n.label ? n.label.split('.') : []) {
            if (!where.parts.has(name)) {
                where.parts.set(name, part(name, where));
            }
            where = where.parts.get(name);
        }
        where.own.push(n);
    }
    fold(root);
    for (const n of nodes) {
        for (let p = n.part; p; p = p.parent) {
            p.first = Math.min(p.first, n.place);
            p.last = Math.max(p.last, n.place);
            p.count++;
            p.forward += n.forward;
            p.backward += n.backward;
            p.held += n.held;
        }
    }
}

/** Long lists of ops become runs of SMALL, and runs of runs. */
function fold(where) {
    where.parts.forEach(fold);
    let pieces = where.own;
    if (pieces.length <= SMALL) {
        pieces.forEach(n => n.part = where);
        return;
    }
    where.own = [];
    const size = Math.max(SMALL, Math.ceil(pieces.length / SMALL));
    for (let i = 0; i < pieces.length; i += size) {
        const some = pieces.slice(i, i + size);
        const run = part(`%${some[0].place} – %${some[some.length - 1].place}`, where);
        run.own = some;
        where.parts.set(run.name, run);
        fold(run);
    }
}

/** What stands for a node in the picture of a part: a child part, the node itself, or null if it is outside. */
function standIn(n, where) {
    if (n.part === where) {
        return n;
    }
    for (let p = n.part; p && p.parent; p = p.parent) {
        if (p.parent === where) {
            return p;
        }
    }
    return null;
}

function* nodesOf(where) {
    yield* where.own;
    for (const child of where.parts.values()) {
        yield* nodesOf(child);
    }
}

/** The boxes and edges of a part, boxes placed in columns from left to right. */
function picture(where) {
    const boxes = new Map();
    const edges = new Map();
    const box = (key, kind, thing, order) => {
        if (!boxes.has(key)) {
            boxes.set(key, {key, kind, thing, order, from: [], to: [], column: 0, w: 190, h: kind === 'port' ? 44 : 62});
        }
        return boxes.get(key);
    };
    const own = thing => box(thing, thing.parts ? 'group' : 'node', thing, thing.parts ? thing.first : thing.place);
    where.own.forEach(own);
    where.parts.forEach(own);
    const leafCounts = new Map();
    for (const n of nodesOf(where)) {
        const target = own(standIn(n, where));
        for (const place of n.inputs) {
            let source;
            if (place >= 0) {
                const inside = standIn(nodes[place], where);
                source = inside ? own(inside) : box('in' + place, 'port', nodes[place], place - nodes.length);
            } else if (target.kind === 'node') {
                source = box('leaf' + place, 'port', at(place), place - 2 * nodes.length);
            } else {
                leafCounts.set(target, (leafCounts.get(target) || new Set()).add(place));
                continue;
            }
            if (source !== target) {
                const key = source.order + '>' + target.order;
                edges.set(key, {source, target, ofNode: n.place, count: (edges.get(key)?.count || 0) + 1});
            }
        }
        for (const reader of n.readers) {
            if (!standIn(reader.node, where)) {
                const exit = box('out', 'port', null, Infinity);
                edges.set(target.order + '>out', {source: target, target: exit, ofNode: n.place, count: 1});
            }
        }
    }
    leafCounts.forEach((set, target) => target.leaves = set.size);
    return arrange(...withoutCrowds([...boxes.values()].sort((a, b) => a.order - b.order), [...edges.values()]));
}

/** Where there are many inputs, those that one box alone reads are a number in it. */
function withoutCrowds(boxes, edges) {
    const readers = new Map();
    edges.forEach(e => readers.set(e.source, (readers.get(e.source) || new Set()).add(e.target)));
    const single = b => b.kind === 'port' && b.thing && readers.get(b).size === 1;
    const crowd = new Set(boxes.filter(single));
    if (crowd.size <= MANY_PORTS) {
        return [boxes, edges];
    }
    crowd.forEach(b => readers.get(b).forEach(target => target.unseen = (target.unseen || 0) + 1));
    return [boxes.filter(b => !crowd.has(b)), edges.filter(e => !crowd.has(e.source))];
}

function arrange(boxes, edges) {
    edges.forEach(e => {
        e.forward = e.source.order < e.target.order;
        if (e.forward) {
            e.target.from.push(e.source);
            e.source.to.push(e.target);
        }
    });
    boxes.forEach(b => b.column = b.from.reduce((most, f) => Math.max(most, f.column + 1), 0));
    // What is read first further on stands right before its reader.
    [...boxes].reverse().forEach(b => {
        if (b.to.length && (b.kind === 'port' || !b.from.length)) {
            b.column = Math.max(0, Math.min(...b.to.map(t => t.column)) - 1);
        }
    });
    const columns = [];
    boxes.forEach(b => (columns[b.column] ??= []).push(b));
    for (let i = 0; i < columns.length; i++) {
        columns[i] ??= [];
        columns[i].forEach((b, k) => b.rank = b.from.length
            ? b.from.reduce((sum, f) => sum + (f.rank ?? 0), 0) / b.from.length + k * 1e-3 : k);
        columns[i].sort((a, b) => a.rank - b.rank);
        columns[i].forEach((b, k) => b.rank = k - (columns[i].length - 1) / 2);
    }
    boxes.forEach(b => {
        b.x = b.column * 260;
        b.y = b.rank * 84 - b.h / 2;
    });
    // Long chains run on in the next row, as text does.
    const perRow = columns.length > 9 ? Math.ceil(Math.sqrt(columns.length * 1.6)) : columns.length;
    let top = 0;
    for (let i = 0; i < columns.length; i += perRow) {
        const row = columns.slice(i, i + perRow);
        const highest = Math.min(...row.flat().map(b => b.y));
        const lowest = Math.max(...row.flat().map(b => b.y + b.h));
        row.forEach((column, k) => column.forEach(b => {
            b.x = k * 260;
            b.y += top - highest;
        }));
        top += lowest - highest + 60;
    }
    return {boxes, edges};
}

placeInTree();
