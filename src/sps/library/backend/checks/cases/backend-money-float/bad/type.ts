export class Order {
  @Column({ type: "double", nullable: false }) totalAmount!: number;
}
