export class Order {
  @Column("jsonb")
  extra!: Extra;
}
