export function B() {
  ref.current!.innerHTML = marked(text);
  return <p ref={ref} />;
}
