const b = <p style={{ margin: 0, background: on ? '#eee' : undefined }}>x</p>;
