const b = (
  <Form>
    <div><button className="x" onClick={() => add()}>Add</button></div>
  </Form>
);
