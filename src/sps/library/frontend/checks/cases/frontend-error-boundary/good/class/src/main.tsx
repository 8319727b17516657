createRoot(root).render(<Guard><App /></Guard>);
