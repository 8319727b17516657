createRoot(root).render(<RouterProvider router={router} />);
