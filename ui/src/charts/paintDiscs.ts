import { paperColours } from "@/charts/colours";
import { boxOf, middleOf, type Disc } from "@/charts/discs";
import { light } from "@/frame/palette";
import { FONT } from "@/frame/theme";

const SIZE = { width: 960, height: 480, sharp: 2 };
// The same strokes as on the page, so that the discs are told apart without colours.
const DASHES = [[], [10, 6], [3, 4]];

/** Paint discs on white, with what all share in the middle and what each is at the right. */
export function paintDiscs(
  discs: readonly Disc[],
  shared: readonly [count: string, word: string],
  nameOf: (disc: number) => readonly [name: string, says: string],
): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE.width * SIZE.sharp;
  canvas.height = SIZE.height * SIZE.sharp;
  const pen = canvas.getContext("2d");
  if (!pen) return Promise.resolve(null);
  pen.scale(SIZE.sharp, SIZE.sharp);
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, SIZE.width, SIZE.height);
  const [left, top, width, height] = boxOf(discs, 0.08);
  const scale = Math.min(560 / width, SIZE.height / height);
  const at = (x: number, y: number) =>
    [(x - left) * scale + 20, (y - top) * scale + (SIZE.height - height * scale) / 2] as const;
  discs.forEach((disc, index) => {
    const colour = paperColours.series[index] ?? light.ink;
    pen.beginPath();
    pen.arc(...at(disc.x, disc.y), disc.r * scale, 0, 2 * Math.PI);
    pen.globalAlpha = 0.22;
    pen.fillStyle = colour;
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.strokeStyle = colour;
    pen.setLineDash(DASHES[index % DASHES.length] ?? []);
    pen.stroke();
  });
  const write = (text: string, x: number, y: number, size: number, weight = 400) => {
    pen.font = `${weight} ${size}px ${FONT}`;
    pen.fillText(text, x, y);
  };
  const middle = middleOf(discs);
  const [x, y] = at(middle.x, middle.y);
  pen.fillStyle = light.ink;
  pen.textAlign = "center";
  write(shared[0], x, y, 36, 600);
  write(shared[1], x, y + 26, 16);
  pen.textAlign = "start";
  discs.forEach((_, index) => {
    const [name, says] = nameOf(index);
    const line = SIZE.height / 2 + (index - (discs.length - 1) / 2) * 72;
    pen.beginPath();
    pen.arc(632, line - 6, 8, 0, 2 * Math.PI);
    pen.strokeStyle = paperColours.series[index] ?? light.ink;
    pen.setLineDash((DASHES[index % DASHES.length] ?? []).map((length) => length / 2));
    pen.stroke();
    write(name, 652, line, 18, 600);
    write(says, 652, line + 26, 16);
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
