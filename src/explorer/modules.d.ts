/** What the bundler makes of imports that are no modules of the language. */
declare module "*.css"
declare module "*?worker&inline" {
  const WorkerOfText: new () => Worker
  export default WorkerOfText
}
