const b = <a href="/x" aria-hidden>more</a>;
