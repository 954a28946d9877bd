/** The map: drag or arrow keys move it, wheel and +/− zoom, 0 shows all of it; a click opens a site, or comes nearer to a block. */
import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { useKeys } from '../../shell/keys.ts';
import { TEXT } from '../../text.ts';
import { drawMap, findAt, isFar, type Palette, type Picture, type View } from './draw-map.ts';
import { CELL, type Layout } from './lay-out.ts';
import type { Site } from './read-network.ts';

const text = TEXT.network;
const MOST = 4;
/** Share of the picture by which an arrow key moves it. */
const STEP = 0.15;
/** For so long nothing moves before what is seen is read. */
const REST_MS = 600;
/** Pixels that a finger trembles. */
const TREMBLE = 4;

interface MapProps {
  readonly picture: Picture;
  readonly open: (site: string) => void;
  /** Told of the sites that are seen one by one, when the map has come to rest; not from afar. */
  readonly look: (sites: readonly Site[]) => void;
}

export function NetworkMap({ picture, open, look }: MapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [moved, setMoved] = useState<View>();
  const [theme, setTheme] = useState(0);
  const { layout } = picture;
  const fit = useMemo(() => fitTo(layout, size), [layout, size]);
  const view = moved ?? fit;
  const now = useRef(view);
  now.current = view;

  useEffect(() => {
    const box = canvas.current?.parentElement;
    if (box === null || box === undefined) return;
    const watch = new ResizeObserver(() => setSize({ width: box.clientWidth, height: box.clientHeight }));
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const again = (): void => setTheme((before) => before + 1);
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', again);
    const watch = new MutationObserver(again);
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      dark.removeEventListener('change', again);
      watch.disconnect();
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  const palette = useMemo(() => readPalette(canvas.current), [theme, size]);
  useEffect(() => {
    const surface = canvas.current;
    const context = surface?.getContext('2d');
    if (surface === null || context === null || context === undefined || size.width === 0) return;
    const frame = requestAnimationFrame(() => {
      const dots = window.devicePixelRatio;
      const [width, height] = [Math.round(size.width * dots), Math.round(size.height * dots)];
      if (surface.width !== width || surface.height !== height) Object.assign(surface, { width, height });
      context.setTransform(dots, 0, 0, dots, 0, 0);
      drawMap(context, size, view, picture, palette);
    });
    return () => cancelAnimationFrame(frame);
  }, [size, view, picture, palette]);

  const { sites } = picture;
  useEffect(() => {
    if (size.width === 0 || isFar(layout, view)) return;
    const rest = setTimeout(() => {
      const [half, tall] = [size.width / 2 / view.scale, size.height / 2 / view.scale];
      look(
        sites.filter(({ name }) => {
          const place = layout.places.get(name);
          return place !== undefined && Math.abs(place.x - view.x) < half && Math.abs(place.y - view.y) < tall;
        }),
      );
    }, REST_MS);
    return () => clearTimeout(rest);
  }, [sites, layout, size, view, look]);

  const move = useCallback((x: number, y: number): void => {
    const { scale } = now.current;
    setMoved({ x: now.current.x + x / scale, y: now.current.y + y / scale, scale });
  }, []);
  /** Around a point of the picture, counted from its middle: what is there stays there. */
  const zoom = useCallback(
    (by: number, x = 0, y = 0): void => {
      const before = now.current;
      const scale = Math.min(MOST, Math.max(fit.scale * 0.6, before.scale * by));
      setMoved({
        x: before.x + x / before.scale - x / scale,
        y: before.y + y / before.scale - y / scale,
        scale,
      });
    },
    [fit],
  );
  useEffect(() => {
    const surface = canvas.current;
    const roll = (event: WheelEvent): void => {
      event.preventDefault();
      const { left, top, width, height } = (event.currentTarget as HTMLCanvasElement).getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 400), event.clientX - left - width / 2, event.clientY - top - height / 2);
    };
    surface?.addEventListener('wheel', roll, { passive: false }); // the page must not scroll as well
    return () => surface?.removeEventListener('wheel', roll);
  }, [zoom]);

  useKeys(
    text.map,
    useMemo(
      () => [
        { keys: '+', does: text.nearer, run: () => zoom(1.4) },
        { keys: '-', does: text.further, run: () => zoom(1 / 1.4) },
        { keys: '0', does: text.all, run: () => setMoved(undefined) },
        { keys: 'ArrowLeft', does: text.left, run: () => move(-STEP * size.width, 0) },
        { keys: 'ArrowRight', does: text.right, run: () => move(STEP * size.width, 0) },
        { keys: 'ArrowUp', does: text.up, run: () => move(0, -STEP * size.height) },
        { keys: 'ArrowDown', does: text.down, run: () => move(0, STEP * size.height) },
      ],
      [zoom, move, size],
    ),
  );

  const drag = useRef<{ x: number; y: number; far: number }>(undefined);
  const begin = (event: PointerEvent): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, far: 0 };
  };
  const pull = (event: PointerEvent): void => {
    const from = drag.current;
    if (from === undefined) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    drag.current = { x: event.clientX, y: event.clientY, far: from.far + Math.hypot(x, y) };
    if (drag.current.far > TREMBLE) move(-x, -y);
  };
  const end = (event: PointerEvent): void => {
    const from = drag.current;
    drag.current = undefined;
    if (from === undefined || from.far > TREMBLE) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const found = findAt({ x: event.clientX - left, y: event.clientY - top }, size, view, picture);
    if (found === undefined) return;
    if ('site' in found) open(found.site.name);
    else setMoved({ ...found.block.at, scale: Math.max(view.scale, 30 / CELL) });
  };

  return (
    <div className="map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={text.mapLabel(picture.sites.length)}
        onPointerDown={begin}
        onPointerMove={pull}
        onPointerUp={end}
        onPointerCancel={() => {
          drag.current = undefined;
        }}
      />
      <div className="map-buttons">
        <button type="button" title={text.nearer} aria-label={text.nearer} onClick={() => zoom(1.4)}>
          <Icon name="plus" />
        </button>
        <button type="button" title={text.further} aria-label={text.further} onClick={() => zoom(1 / 1.4)}>
          <Icon name="minus" />
        </button>
        <button type="button" onClick={() => setMoved(undefined)}>
          {text.all}
        </button>
      </div>
    </div>
  );
}

function fitTo({ reach }: Layout, { width, height }: { readonly width: number; readonly height: number }): View {
  const scale = Math.min(width / (2 * reach.x), height / (2 * reach.y), 1.6);
  return { x: 0, y: 0, scale: scale > 0 ? scale : 1 };
}

/** Tokens are resolved by the browser: a canvas knows no `light-dark()`. */
function readPalette(element: HTMLElement | null): Palette {
  const known = new Map<string, string>();
  return (token) => {
    const found = known.get(token);
    if (found !== undefined || element === null) return found ?? 'gray';
    element.style.color = `var(${token})`;
    const color = getComputedStyle(element).color;
    known.set(token, color);
    return color;
  };
}
