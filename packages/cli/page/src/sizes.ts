/** The size of an element in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const NONE: Size = { width: 0, height: 0 };
const sizes = new WeakMap<Element, Size>();

const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries)
    sizes.set(target, { width: contentRect.width, height: contentRect.height });
});

/** From now on {@link sizeOf} knows this element. */
export function watchSize(element: Element): void {
  observer.observe(element);
}

/**
 * The size as of the last layout, without asking for one: reading it from the element between two
 * changes would make the browser lay the whole page out each time. Zero before the first layout.
 */
export function sizeOf(element: Element): Size {
  return sizes.get(element) ?? NONE;
}
