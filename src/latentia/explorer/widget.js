// The page in a cell: the single file, unpacked, in a frame of its own address.
//
// A frame, for the page keeps its state in its address and styles a whole document; an address of
// its own (blob:) and not `srcdoc`, whose address is the notebook's, which a page may not change.

async function render({ model, el }) {
  const frame = document.createElement('iframe');
  frame.title = 'Latentia';
  frame.allow = 'clipboard-write; fullscreen';
  Object.assign(frame.style, { width: '100%', border: '0', display: 'block' });
  const sized = () => (frame.style.height = `${model.get('height')}px`);
  sized();
  model.on('change:height', sized);
  const packed = new Blob([model.get('page')]).stream();
  const whole = await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).blob();
  const address = URL.createObjectURL(new Blob([whole], { type: 'text/html;charset=utf-8' }));
  frame.src = address;
  el.append(frame);
  return () => {
    model.off('change:height', sized);
    frame.remove();
    URL.revokeObjectURL(address);
  };
}

export default { render };
