// Draws each chart of a page from the figures that the hub answers. The table below it says the same in words.
"use strict";
(() => {
    const lang = document.documentElement.lang || "sv";
    const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const HEIGHT = 240;

    const draw = (place, figures) => {
        const steps = figures.labels.map((_, at) => at);
        const kronor = figures.minor.map((minor) => minor / 100);
        const number = new Intl.NumberFormat(lang, { maximumFractionDigits: 0 });
        const label = (at) => Number.isInteger(at) && figures.labels[at] !== undefined ? figures.labels[at].slice(5) : "";
        const axis = { stroke: color("--muted"), font: "13px sans-serif", grid: { stroke: color("--edge"), width: 1 }, ticks: { show: false } };
        const chart = new uPlot({
            width: place.clientWidth - 16,
            height: HEIGHT,
            legend: { show: false },
            cursor: { show: false },
            scales: { x: { time: false, range: [-0.6, steps.length - 0.4] }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high) * 1.05] } },
            axes: [
                { ...axis, size: 32, grid: { show: false }, incrs: [1, 2, 5, 7, 14, 31, 62, 124], values: (_, splits) => splits.map(label) },
                { ...axis, size: 72, values: (_, splits) => splits.map((value) => number.format(value)) },
            ],
            series: [{}, { fill: color("--accent-line"), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.7, 64] }) }],
        }, [steps, kronor], place);
        new ResizeObserver(() => chart.setSize({ width: place.clientWidth - 16, height: HEIGHT })).observe(place);
    };

    for (const place of document.querySelectorAll("[data-chart]")) {
        fetch(place.dataset.chart, { headers: { accept: "application/json" } })
            .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
            .then((figures) => draw(place, figures))
            .catch(() => { place.hidden = true; });
    }
})();
