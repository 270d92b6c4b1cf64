// The picture, the details, and the walk through the steps.

const $ = id => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const total = nodes.length + steps.length;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
let here = root;
let chosen = null;
let now = 0;
let shown = {boxes: [], edges: []};
let view = {x: 0, y: 0, scale: 1};
let playing = 0;

const number = v => v === null ? '–' : v === 0 ? '0' : Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3 ? v.toExponential(3)
    : String(+v.toPrecision(5));
const short = v => number(v === null ? v : +v.toPrecision(v !== 0 && (Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3) ? 3 : 4))
    .replace(/\.?0+e/, 'e');
const bytes = b => b < 1024 ? b + ' B' : b < 1048576 ? (b / 1024).toFixed(1) + ' KiB' : (b / 1048576).toFixed(1) + ' MiB';
const micros = t => t < 1000 ? t + ' µs' : t < 1e6 ? (t / 1000).toFixed(1) + ' ms' : (t / 1e6).toFixed(2) + ' s';
const title = n => n.place >= 0 ? `%${n.place} ${n.op}` : n.op;

function element(name, attributes, ...children) {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([k, v]) => k === 'onclick' ? made.onclick = v : made.setAttribute(k, v));
    made.append(...children);
    return made;
}

function draw(name, attributes, parent, text) {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([k, v]) => made.setAttribute(k, v));
    if (text !== undefined) {
        made.textContent = text;
    }
    parent.append(made);
    return made;
}

function colour(op) {
    return /conv/.test(op) ? '--conv' : /matmul|dft|frame|overlap|norm|projection/.test(op) ? '--linear'
        : /sum|max$|mean/.test(op) ? '--reduce' : /reshape|permute|slice|pad|concat|broadcast|gather|scatter/.test(op) ? '--shape'
        : /add|sub|mul|div|affine|tanh|exp|log|relu|sqrt|abs|sign|sin|cos|pow|clamp|greater|equal/.test(op) ? '--point' : '--other';
}

/** A text no wider than that; of the name of a leaf the end says most. */
function drawShort(parent, attributes, text, width, keepEnd) {
    const made = draw('text', attributes, parent, text);
    for (let most = text.length - 1; text.length * 10 > width && most > 3 && made.getComputedTextLength() > width; most--) {
        made.textContent = keepEnd ? '…' + text.slice(-most) : text.slice(0, most).trimEnd() + '…';
    }
}

function bars(parent, s, x, y, w, h, fill) {
    [...s.bins].forEach((c, i) => {
        const tall = DIGITS.indexOf(c) / 63 * h;
        if (tall > 0) {
            draw('rect', {x: x + i * w / s.bins.length, y: y + h - tall, width: w / s.bins.length - .6, height: tall,
                style: `fill:var(${fill})`}, parent);
        }
    });
}

function drawBox(layer, b) {
    const g = draw('g', {class: 'node ' + b.kind, transform: `translate(${b.x},${b.y})`, tabindex: 0}, layer);
    b.element = g;
    if (b.kind === 'group') {
        draw('rect', {class: 'shadow', x: 5, y: 5, width: b.w, height: b.h, rx: 10}, g);
    }
    draw('rect', {class: 'body', width: b.w, height: b.h, rx: b.kind === 'port' ? b.h / 2 : 9}, g);
    const t = b.thing;
    if (b.kind === 'group') {
        drawShort(g, {class: 'title', x: 14, y: 23}, t.name, 166);
        draw('text', {class: 'small', x: 14, y: 40}, g,
            `${t.count} ops · ${bytes(t.held)} held${b.unseen ? ` · + ${b.unseen} in` : ''}`);
        const all = Math.max(1, root.forward + root.backward);
        draw('rect', {x: 14, y: 49, width: 162, height: 4, rx: 2, style: 'fill:var(--bg)'}, g);
        draw('rect', {x: 14, y: 49, width: 162 * t.forward / all, height: 4, style: 'fill:var(--accent)'}, g);
        draw('rect', {x: 14 + 162 * t.forward / all, y: 49, width: 162 * t.backward / all, height: 4,
            style: 'fill:var(--back)'}, g);
    } else if (!t) {
        draw('text', {class: 'small', x: 22, y: 26}, g, 'read by other parts');
    } else if (b.kind === 'port') {
        drawShort(g, {class: 'title', x: 22, y: 18}, title(t), 150, t.place < 0);
        draw('text', {class: 'small', x: 22, y: 34}, g, valueLine(t));
        gradientLine(g, t, 172, 34);
    } else {
        draw('rect', {x: 0, y: 9, width: 4, height: b.h - 18, rx: 2, style: `fill:var(${colour(t.op)})`}, g);
        drawShort(g, {class: 'title', x: 14, y: 20}, title(t), 168);
        drawShort(g, {class: 'small', x: 14, y: 36}, [b.unseen ? `+ ${b.unseen} in` : '', t.parameters
            || (t.shape === '[]' ? 'scalar' : '')].filter(s => s).join('  '), 114);
        draw('text', {class: 'small', x: 14, y: 52}, g, valueLine(t));
        gradientLine(g, t, 180, 52);
        if (t.value.max > t.value.min) {
            bars(g, t.value, 132, 26, 46, 28, colour(t.op));
        }
    }
    g.onclick = () => b.kind === 'group' ? open(t) : t && choose(t);
    g.onkeydown = event => event.key === 'Enter' && g.onclick();
}

const valueLine = t => t.shape === '[]' ? 'value ' + short(t.value.mean) : t.shape;

/** As in micrograd's pictures. */
function gradientLine(g, t, x, y) {
    if (t.shape === '[]' && t.gradient) {
        draw('text', {class: 'small grad', x, y, 'text-anchor': 'end'}, g, 'grad ' + short(t.gradient.mean));
    }
}

function drawEdge(layer, e) {
    const [a, b] = [e.source, e.target];
    const [x1, y1, x2, y2] = [a.x + a.w, a.y + a.h / 2, b.x, b.y + b.h / 2];
    const bend = x2 > x1 ? Math.max(24, (x2 - x1) / 2) : 46;
    const drop = x2 <= x1 ? (y2 - y1) / 2 : 0;
    e.element = draw('path', {class: 'edge', d: drop
        ? `M${x1},${y1} C${x1 + bend},${y1} ${x1 + bend},${y1 + drop} ${x1},${y1 + drop} L${x2},${y1 + drop} C${x2 - bend},${y1 + drop} ${x2 - bend},${y2} ${x2},${y2}`
        : `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`}, layer);
}

function open(where) {
    here = where;
    shown = picture(where);
    $('graph').replaceChildren();
    const layer = draw('g', {id: 'layer'}, $('graph'));
    shown.edges.forEach(e => drawEdge(layer, e));
    shown.boxes.forEach(b => drawBox(layer, b));
    fit();
    const path = [];
    for (let p = where; p; p = p.parent) {
        path.unshift(p);
    }
    $('path').replaceChildren(...path.map(p => element('button', {onclick: () => open(p)}, p.name)));
    outline();
    mark();
}

function fit() {
    const width = $('stage').clientWidth, height = $('stage').clientHeight;
    const right = Math.max(...shown.boxes.map(b => b.x + b.w)), low = Math.max(...shown.boxes.map(b => b.y + b.h));
    const scale = Math.min(1.25, Math.max(.5, Math.min((width - 60) / right, (height - 60) / low)));
    view = {scale, x: Math.max(30, (width - right * scale) / 2), y: Math.max(30, (height - low * scale) / 2)};
    move();
}

/** Brings the chosen op into view if it is in the picture but off the screen. */
function revealChosen() {
    const b = chosen && shown.boxes.find(each => each.thing === chosen);
    if (!b) {
        return;
    }
    const edge = 12;
    const shift = (from, size, room) => from < edge ? edge - from : Math.min(0, room - edge - from - size);
    const s = view.scale;
    view = {scale: s, x: view.x + shift(view.x + b.x * s, b.w * s, $('stage').clientWidth),
        y: view.y + shift(view.y + b.y * s, b.h * s, $('stage').clientHeight)};
    move();
}

const move = () => $('layer').setAttribute('transform', `translate(${view.x},${view.y}) scale(${view.scale})`);

function outline() {
    const parts = [...here.parts.values()];
    const ops = new Map();
    here.own.forEach(n => {
        const sum = ops.get(n.op) || {name: n.op, count: 0, forward: 0, backward: 0, held: 0};
        ['forward', 'backward', 'held'].forEach(k => sum[k] += n[k]);
        sum.count++;
        ops.set(n.op, sum);
    });
    const rows = list => {
        const most = Math.max(1, ...list.map(p => p.forward + p.backward));
        return list.sort((a, b) => b.forward + b.backward - a.forward - a.backward).map(p => element('button',
            {class: 'row', title: `${p.count} ops, ${bytes(p.held)} held`, onclick: () => p.parts && open(p)},
            element('div', {class: 'name'}, element('span', {}, p.parts ? p.name : `${p.name} × ${p.count}`),
                element('span', {}, micros(p.forward + p.backward))),
            element('div', {class: 'bar'}, element('i', {style: `width:${100 * p.forward / most}%`}),
                element('b', {style: `width:${100 * p.backward / most}%`}))));
    };
    const out = [element('h2', {}, here === root ? 'All parts' : here.name),
        element('div', {class: 'soft'}, `${here.count} ops · ${micros(here.forward)} forwards · ${micros(here.backward)} back`),
        element('div', {class: 'soft'}, `${bytes(here.held)} held for the backward pass`)];
    if (parts.length) {
        out.push(element('h3', {}, 'Parts by time'), ...rows(parts));
    }
    if (ops.size) {
        out.push(element('h3', {}, 'Ops here'), ...rows([...ops.values()]));
    }
    $('outline').replaceChildren(...out);
}

function statisticsOf(name, s, fill) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'histogram');
    svg.setAttribute('viewBox', '0 0 240 64');
    svg.setAttribute('preserveAspectRatio', 'none');
    bars(svg, s, 0, 0, 240, 64, fill);
    const rows = [['min … max', `${number(s.min)} … ${number(s.max)}`], ['mean', number(s.mean)],
        ['standard deviation', number(s.deviation)]];
    if (s.others) {
        rows.push(['NaN or infinite', String(s.others)]);
    }
    return [element('h3', {}, name), svg, table(rows)];
}

const table = rows => element('table', {}, ...rows.map(([k, v]) => element('tr', {}, element('td', {}, k), element('td', {}, v))));

const link = (n, text) => element('button', {class: 'link', onclick: () => choose(n, true)}, text);

/** Who keeps the value of a node or leaf in memory, and why. */
function holders(n) {
    const list = n.readers.filter(r => r.node.keeps.includes(r.argument))
        .map(r => element('li', {}, link(r.node, title(r.node)), ` keeps its input ${r.argument}: a product of it reads that`));
    if (n.keeps.includes(-1)) {
        list.unshift(element('li', {}, 'itself: its own product reads its output'));
    }
    return list.length ? list : [element('li', {class: 'soft'}, 'nobody: no product reads it')];
}

function choose(n, go) {
    chosen = n;
    if (go && n.part && n.part !== here) {
        open(n.part);
    }
    const most = 24;
    const out = [element('h2', {}, title(n)), element('div', {class: 'soft'}, [n.parameters, n.label].filter(t => t).join(' · ')),
        table([['shape', n.shape], ['bytes', bytes(n.bytes)], ...(n.place < 0 ? [] : [['held since it ran', bytes(n.held)],
            ['forwards', micros(n.forward)], ['backwards', micros(n.backward)]])]),
        ...statisticsOf('Value', n.value, n.place < 0 ? '--soft' : colour(n.op))];
    out.push(...n.gradient ? statisticsOf('Gradient', n.gradient, '--back')
        : [element('h3', {}, 'Gradient'), element('div', {class: 'soft'}, 'none was computed')]);
    out.push(element('h3', {}, 'Held in memory by'), element('ul', {id: 'holders'}, ...holders(n).slice(0, most)));
    if (n.inputs.length) {
        out.push(element('h3', {}, 'Reads'), element('ul', {}, ...n.inputs.slice(0, most).map(p => element('li', {},
            link(at(p), title(at(p))), ' ', element('span', {class: 'soft'}, at(p).shape)))));
    }
    if (n.readers.length) {
        out.push(element('h3', {}, `Read by ${n.readers.length}`), element('ul', {}, ...n.readers.slice(0, most)
            .map(r => element('li', {}, link(r.node, title(r.node))))));
    }
    $('details').replaceChildren(...out);
    mark();
    if (go) {
        revealChosen();
    }
}

/** Shows how far the walk has come. */
function mark() {
    const step = now < nodes.length ? null : steps[now - nodes.length];
    const current = step ? nodes[step.node] : nodes[now];
    const inside = current && standIn(current, here);
    shown.boxes.forEach(b => {
        const first = b.kind === 'group' ? b.thing.first : b.kind === 'node' ? b.thing.place : -1;
        b.element.classList.toggle('later', first > now);
        b.element.classList.toggle('now', !step && b.thing !== null && b.thing === inside);
        b.element.classList.toggle('nowback', !!step && b.thing !== null && b.thing === inside);
        b.element.classList.toggle('chosen', chosen !== null && b.thing === chosen);
    });
    const source = step && step.input >= 0 ? standIn(at(step.input), here) : step && at(step.input);
    shown.edges.forEach(e => {
        e.element.classList.toggle('hot', !step && e.target.thing === inside && inside !== null);
        e.element.classList.toggle('hotback', !!step && e.target.thing === inside && e.source.thing === source);
    });
    $('now').textContent = !current ? '' : step
        ? `backwards ${now - nodes.length + 1} of ${steps.length}: through ${title(current)} to ${title(at(step.input))}   ${current.label}`
        : `forwards ${now + 1} of ${nodes.length}: ${title(current)} ${current.shape}   ${current.label}`;
    paintMemory();
}

function go(step) {
    now = Math.max(0, Math.min(total - 1, step));
    $('slider').value = now;
    const current = now < nodes.length ? nodes[now] : nodes[steps[now - nodes.length].node];
    if ($('follow').checked && current && standIn(current, here) !== current) {
        open(current.part);
    } else {
        mark();
    }
    if (current && $('follow').checked) {
        choose(current, true);
    }
}

/** Bytes after each step: what the tape holds, then with the gradients what is left of it. */
const curve = (() => {
    const held = new Float64Array(total);
    const before = [];
    let sum = 0;
    nodes.forEach((n, i) => {
        before[i] = sum;
        sum += n.held;
        held[i] = sum;
    });
    steps.forEach((s, i) => held[nodes.length + i] = (data.freed ? before[s.node] + nodes[s.node].held : sum) + s.gradients);
    return held;
})();
const peak = curve.reduce((a, b) => Math.max(a, b), 1);

function paintMemory() {
    const canvas = $('memory');
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const c = canvas.getContext('2d');
    c.scale(ratio, ratio);
    const style = getComputedStyle(document.body);
    const paint = name => { // a canvas knows no light-dark()
        const probe = element('i', {style: `color:var(${name})`});
        document.body.append(probe);
        const found = getComputedStyle(probe).color;
        probe.remove();
        return found;
    };
    const x = i => total < 2 ? 0 : i / (total - 1) * (width - 16) + 8;
    const top = 16;
    const area = (from, to, fill) => {
        c.beginPath();
        c.moveTo(x(from), height);
        const each = Math.max(1, Math.floor((to - from) / width));
        for (let i = from; i < to; i += each) {
            let most = 0;
            for (let k = i; k < Math.min(to, i + each); k++) {
                most = Math.max(most, curve[k]);
            }
            c.lineTo(x(i), height - most / peak * (height - top));
        }
        c.lineTo(x(to - 1), height);
        c.fillStyle = fill;
        c.globalAlpha = .35;
        c.fill();
        c.globalAlpha = 1;
    };
    area(0, Math.min(total, nodes.length + 1), paint('--accent'));
    if (steps.length) {
        area(nodes.length, total, paint('--back'));
    }
    c.fillStyle = c.strokeStyle = style.color;
    c.beginPath();
    c.moveTo(x(now), top - 3);
    c.lineTo(x(now), height);
    c.stroke();
    c.font = '11px system-ui, sans-serif';
    c.fillStyle = paint('--soft');
    c.fillText(`tape and gradients: ${bytes(curve[now] || 0)} now, ${bytes(peak)} at most`, 8, 10);
}

$('facts').textContent = `${nodes.length} ops · ${leaves.length} leaves · ${steps.length} products · `
    + `${micros(root.forward)} forwards, ${micros(root.backward)} back`;
$('slider').max = Math.max(0, total - 1);
$('slider').oninput = () => go(+$('slider').value);
$('back').onclick = () => go(now - 1);
$('next').onclick = () => go(now + 1);
$('play').onclick = () => {
    clearInterval(playing);
    playing = playing ? 0 : setInterval(() => now < total - 1 ? go(now + 1) : $('play').click(), 250);
    $('play').textContent = playing ? '❚❚' : '▶▶';
};
document.onkeydown = event => {
    if (event.target !== $('slider') && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
        go(now + (event.key === 'ArrowLeft' ? -1 : 1));
    }
};
$('stage').onwheel = event => {
    event.preventDefault();
    const box = $('stage').getBoundingClientRect();
    const factor = Math.exp(-event.deltaY / 500);
    const scale = Math.max(.1, Math.min(4, view.scale * factor));
    const [px, py] = [event.clientX - box.x, event.clientY - box.y];
    view = {scale, x: px - (px - view.x) * scale / view.scale, y: py - (py - view.y) * scale / view.scale};
    move();
};
$('stage').onpointerdown = down => {
    const start = {...view};
    $('stage').onpointermove = event => {
        view = {...view, x: start.x + event.clientX - down.clientX, y: start.y + event.clientY - down.clientY};
        move();
    };
    onpointerup = () => $('stage').onpointermove = null;
};
onresize = () => {
    fit();
    revealChosen();
    paintMemory();
};
now = Math.max(0, total - 1);
$('slider').value = now;
let opened = root;
while (opened.parts.size === 1 && !opened.own.length) { // one label around everything
    opened = opened.parts.values().next().value;
}
open(opened);
$('details').replaceChildren(element('h2', {}, 'Details'), element('div', {class: 'soft'},
    'Click a part to open it, an op to see its values, its gradient and who holds it in memory. '
    + 'The slider and the arrow keys walk through the passes, forwards, then backwards.'));
