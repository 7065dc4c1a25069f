export { Missing as default } from "../../components/ui/Missing.tsx"
