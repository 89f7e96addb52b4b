/** Names in OpenRLHF. */
import { beta, namesOf, sums } from "./schema.ts"

export const openrlhf = namesOf(
  { project: "OpenRLHF", checked: "OpenRLHF/OpenRLHF 3c3be62 openrlhf/models/loss.py, openrlhf/cli/train_dpo.py" },
  "openrlhf",
  {
    dpo: {
      loss: "cdpo?beta={beta}&eps={label_smoothing}",
      params: { beta: 0.1, label_smoothing: 0 },
      note: "label_smoothing makes it cDPO; nll_loss_coef (0) adds the mean over tokens of -lw"
    },
    ipo: { loss: "ipo?tau={beta}", params: beta, note: `${sums}; beta is IPO's tau` }
  }
)
