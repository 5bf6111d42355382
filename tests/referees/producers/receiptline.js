// Writes the sample receipt as `receiptline` encodes it: receiptline.js <command set>
const { PNG } = require('pngjs');
const receiptline = require('receiptline');
const sample = require('./sample.json');

const picture = new PNG({ width: sample.picture.width, height: sample.picture.height });
for (let y = 0; y < picture.height; y++) {
  for (let x = 0; x < picture.width; x++) {
    // A triangle: black below the falling diagonal.
    const shade = x * picture.height < y * picture.width ? 0 : 255;
    picture.data.set([shade, shade, shade, 255], 4 * (y * picture.width + x));
  }
}

// A stroke separates columns, and stands for one when it is escaped.
const row = ([left, right]) => `|${left} | ${right}|`;
const markdown = [
  `^^^${sample.title}`,
  `{image:${PNG.sync.write(picture).toString('base64')}}`,
  ...sample.texts.map((text) => `|${text}|`),
  ...sample.rows.map(row),
  `{code:${sample.qr};option:qrcode,6,m}`,
  `{code:${sample.ean};option:ean,3,72,hri}`,
  '{command:\\x1bp\\x00\\x19\\xfa}',
  '=',
].join('\n');

const options = { cpl: 42, encoding: 'multilingual', spacing: true, gradient: false, threshold: 128, command: process.argv[2] };
const bytes = receiptline.transform(markdown, options);
process.stdout.write(Buffer.from(bytes, 'binary'));
