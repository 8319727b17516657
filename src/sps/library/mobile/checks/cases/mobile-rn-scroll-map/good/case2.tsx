const c = <ScrollView horizontal>{tabs.map(renderTab)}</ScrollView>;
const d = <ScrollView>{["a", "b"].map(renderTab)}</ScrollView>;
const e = <ScrollView>{SECTIONS.map(renderTab)}</ScrollView>;
