/** The part of docs/findings.md about the constrainedness sweep: its numbers are those of the study's summary. */
export const predictorsSection = `## What predicts what a loss does

Sampled as well: \`npx losslattice run configs/bandit/E14.yaml\` trains all monotone losses over a pair in three readings, with and
without a cross-entropy term, in three worlds, and regresses what comes out on what is known of each loss. The numbers are in
[studies/e14](studies/e14/README.md).

- Depth in the lattice, by itself, predicts next to nothing of a loss that the regression has not seen. Given the class it adds a
  little, more than chance in most outcomes.
- Among the sixteen the behaviour class leads on almost every outcome.
- Among all monotone losses something else is as good or better: the slope share |a_l| / (a_w + |a_l|), how much of a step goes into
  pushing the rejected answer down. It is what tells cCPO from CPO and ORPO, which are of one class, when answers share features.
- A small cross-entropy term decides more of the chosen answer's drift than any property of the loss does where data are sparse.

What finetuning a small model makes of the bandits' predictions, line by line: [studies/predictions](studies/predictions/README.md).
`
