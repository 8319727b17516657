const a = <dialog open><input id="n" autoFocus /></dialog>;
const b = <Modal><input id="n" autoFocus /></Modal>;
