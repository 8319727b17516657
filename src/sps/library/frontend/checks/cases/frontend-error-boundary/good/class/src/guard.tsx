export class Guard extends Component {
  static getDerivedStateFromError() { return { failed: true }; }
}
