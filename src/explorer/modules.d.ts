/** What the bundler makes of imports that are no modules of the language. */
declare module "*.css"
declare module "*?worker&inline" {
  const WorkerOfText: new () => Worker
  export default WorkerOfText
}
/** Made when the page is built: scripts/explorer/lattices.ts. */
declare module "virtual:losslattice/lattices" {
  export const lattices: Readonly<
    Record<import("./lattice/data.ts").LatticeSet, import("./lattice/data.ts").LatticeDrawing>
  >
}
