// News from the hub: one stream per page, at most one asking anew per second and kind.
"use strict";
(() => {
    const kinds = (document.body.dataset.live || "").split(" ").filter(Boolean);
    if (kinds.length === 0 || !("EventSource" in window)) { return; }
    const waiting = new Set();
    const stream = new EventSource("/live");
    const tell = (kind) => {
        if (waiting.has(kind)) { return; }
        waiting.add(kind);
        setTimeout(() => {
            waiting.delete(kind);
            document.body.dispatchEvent(new CustomEvent("hub-" + kind));
        }, 1000);
    };
    for (const kind of kinds) {
        stream.addEventListener(kind, () => tell(kind));
    }
    // Whoever was away for a while has missed something.
    let was_lost = false;
    const mark = (lost) => {
        const line = document.getElementById("live-lost");
        if (line) { line.hidden = !lost; }
    };
    stream.addEventListener("error", () => { was_lost = true; mark(true); });
    stream.addEventListener("open", () => {
        mark(false);
        if (was_lost) { was_lost = false; kinds.forEach(tell); }
    });
})();
