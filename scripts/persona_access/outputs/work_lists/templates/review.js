'use strict'
const list = JSON.parse(document.getElementById('list').textContent)
for (const item of list.items) item.choices = list.choices[item.kind]
// A browser draws this many lines without delay; the search and the groups find the others.
const MOST = 500
const at = (id) => document.getElementById(id)
// The recipient of the list: the reviewer, or the delegate for whom its codes are.
const owner = list.delegate || list.reviewer
const name = list.delegate ? `${list.delegate}_for_${list.reviewer}` : list.reviewer
const key = `persona-access/review/${name}/${list.week}`
const byId = new Map(list.items.map((item) => [item.id, item]))
// The data kept in the browser: answers by item, who answers, and whether the list is signed.
let state = { answers: {}, as: owner, attested: null }
let isKept = true
const undone = []
const selected = new Set()
// All lines that the search finds, and those of them that are drawn.
let found = new Set()
let shown = []
let current = null

function restore () {
  try {
    const kept = JSON.parse(localStorage.getItem(key))
    if (kept && kept.answers) {
      // Only lines of this list: nothing else in the browser's storage is an answer to it.
      kept.answers = Object.fromEntries(Object.entries(kept.answers).filter(([id]) => byId.has(id)))
      state = kept
    }
  } catch (error) { isKept = false }
}

function keep () {
  try { localStorage.setItem(key, JSON.stringify(state)); isKept = true } catch (error) { isKept = false }
}

function change (what) {
  undone.push(JSON.stringify(state))
  what()
  keep()
  render()
}

function element (name, text, className) {
  const made = document.createElement(name)
  if (text !== undefined && text !== null) made.textContent = text
  if (className) made.className = className
  return made
}

function isShown (item) {
  const isDecided = Boolean(state.answers[item.id])
  const which = at('show').value
  if (which === 'open' && isDecided) return false
  if (which === 'decided' && !isDecided) return false
  const words = at('search').value.toLowerCase().split(/\s+/).filter(Boolean)
  const text = [item.who, item.brid, item.application, item.reason, item.risk, item.why, item.kind].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}

function answerInWords (answer) {
  return [answer.decision, answer.keep_until && `until ${answer.keep_until}`, answer.persona_id,
    answer.new_reviewer_brid, answer.decision_reason].filter(Boolean).join(', ')
}

function groups () {
  const found = new Map()
  for (const item of list.items.filter(isShown)) {
    if (!found.has(item.group)) found.set(item.group, [])
    found.get(item.group).push(item)
  }
  // The largest cause first: it is decided at once.
  return [...found].sort((one, other) => other[1].length - one[1].length)
}

function lineOf (item) {
  const row = element('tr')
  row.dataset.id = item.id
  row.tabIndex = item.id === current ? 0 : -1
  row.className = item.id === current ? 'current' : ''
  const box = element('input')
  box.type = 'checkbox'
  box.checked = selected.has(item.id)
  box.tabIndex = -1
  box.setAttribute('aria-label', `Select ${item.who}, ${item.application}`)
  box.addEventListener('change', () => { select([item.id], box.checked) })
  const select_ = element('td')
  select_.append(box)
  const person = element('td', item.who)
  person.append(element('div', item.brid, 'small'))
  const application = element('td', item.application)
  application.append(element('div', item.privileged ? 'privileged' : '', 'small'))
  const why = element('td', item.reason)
  for (const more of [item.peers, item.used && `Last used ${item.used}.`, item.before && `Before: ${item.before}.`, item.action]) {
    if (more) why.append(element('div', more, 'small'))
  }
  const due = element('td', item.due, item.overdue ? 'day overdue' : 'day')
  if (item.overdue) due.append(element('div', 'overdue', 'small'))
  const answer = state.answers[item.id]
  const decision = element('td', answer ? answerInWords(answer) : 'undecided', answer ? 'decided' : 'small')
  row.append(select_, person, application, why, element('td', item.risk), due, decision)
  row.addEventListener('click', (event) => { if (event.target !== box) go(item.id) })
  return row
}

function render () {
  const hadFocus = document.activeElement && document.activeElement.closest('#lines')
  const body = at('lines')
  body.replaceChildren()
  shown = []
  found = new Set()
  const parts = groups().map(([group, items]) => {
    const drawn = items.slice(0, Math.max(0, MOST - shown.length))
    for (const item of items) found.add(item.id)
    for (const item of drawn) shown.push(item.id)
    return [group, items, drawn]
  })
  // Before any line is drawn: the current one may be in any group.
  if (!shown.includes(current)) current = shown[0] || null
  for (const [group, items, drawn] of parts) {
    const row = element('tr', null, 'group')
    const head = element('th', `${group} `)
    head.scope = 'rowgroup'
    head.colSpan = 7
    const all = element('button', items.length === 1 ? 'Select it' : `Select these ${items.length}`)
    all.type = 'button'
    all.addEventListener('click', () => { selected.clear(); select(items.map((item) => item.id), true) })
    head.append(all)
    row.append(head)
    body.append(row)
    for (const item of drawn) body.append(lineOf(item))
    if (drawn.length < items.length) {
      const more = element('td', `and ${items.length - drawn.length} more, which the search finds`, 'small')
      more.colSpan = 7
      const rest = element('tr')
      rest.append(more)
      body.append(rest)
    }
  }
  for (const id of [...selected]) if (!found.has(id)) selected.delete(id)
  const nDecided = Object.keys(state.answers).length
  at('progress').textContent = `${nDecided} of ${list.items.length} lines decided.` +
    (isKept ? '' : ' This browser keeps nothing: save before you leave.')
  at('bar').max = Math.max(1, list.items.length)
  at('bar').value = nDecided
  at('selected').textContent = selected.size ? `${selected.size} selected` : ''
  at('as').value = state.as
  at('as').readOnly = Boolean(list.delegate)
  at('attest').checked = Boolean(state.attested)
  at('undo').disabled = undone.length === 0
  if (hadFocus) focusCurrent()
}

function focusCurrent () {
  const row = [...at('lines').querySelectorAll('tr[data-id]')].find((each) => each.dataset.id === current)
  if (row) { row.focus({ preventScroll: true }); row.scrollIntoView({ block: 'nearest' }) }
}

function go (id) {
  current = id
  render()
  focusCurrent()
}

function select (ids, isOn) {
  for (const id of ids) { if (isOn) selected.add(id); else selected.delete(id) }
  render()
}

const today = () => new Date().toISOString().slice(0, 10)
const asked = { ids: [], decision: null, nLeftOut: 0 }

function decide (decision) {
  const chosen = selected.size ? [...selected] : (current ? [current] : [])
  const ids = chosen.filter((id) => byId.get(id).choices.includes(decision))
  if (!ids.length) {
    at('selected').textContent = chosen.length ? `"${decision}" is not a decision for this line.` : 'No line is chosen.'
    return
  }
  const needsFindings = ids.some((id) => byId.get(id).kind !== 'certification')
  if (decision === 'revoke' || (decision === 'keep' && !needsFindings)) {
    answer(ids, { decision }, chosen.length - ids.length)
    return
  }
  asked.ids = ids
  asked.nLeftOut = chosen.length - ids.length
  asked.decision = decision
  at('ask-title').textContent = `${decision[0].toUpperCase()}${decision.slice(1)}: ${ids.length} ${ids.length === 1 ? 'line' : 'lines'}`
  at('ask-until-line').hidden = decision !== 'keep'
  at('ask-reason-line').hidden = decision !== 'keep'
  at('ask-id-line').hidden = decision === 'keep'
  at('ask-id-label').textContent = decision === 'not mine' ? 'BRID of the right reviewer' : 'ID of the right persona'
  at('ask-fault').textContent = ''
  at('ask').showModal()
}

function faultOf (said) {
  if (asked.decision === 'keep' && !said.decision_reason) return 'Write why it is kept.'
  if (asked.decision === 'keep' && !(said.keep_until > today() && said.keep_until > list.week)) return 'Choose a last day that is still to come.'
  if (asked.decision === 'wrong persona' && !said.persona_id) return 'Write the ID of the right persona.'
  if (asked.decision === 'not mine' && !said.new_reviewer_brid) return 'Write the BRID of the right reviewer.'
  return ''
}

function answerAsked () {
  const id = at('ask-id').value.trim()
  const said = { decision: asked.decision }
  if (asked.decision === 'keep') {
    said.decision_reason = at('ask-reason').value.trim()
    said.keep_until = at('ask-until').value
  }
  if (asked.decision === 'wrong persona') said.persona_id = id
  if (asked.decision === 'not mine') said.new_reviewer_brid = id
  const fault = faultOf(said)
  at('ask-fault').textContent = fault
  if (fault) return
  at('ask').close()
  at('ask-id').value = ''
  answer(asked.ids, said, asked.nLeftOut)
}

function answer (ids, said, nLeftOut) {
  const decidedAt = new Date().toISOString().slice(0, 19)
  const next = shown[shown.indexOf(ids[ids.length - 1]) + 1]
  change(() => {
    for (const id of ids) state.answers[id] = { ...said, decided_at: decidedAt }
    selected.clear()
    if (next) current = next
  })
  focusCurrent()
  if (nLeftOut) at('selected').textContent = `Left out: ${nLeftOut} selected ${nLeftOut === 1 ? 'line' : 'lines'} for which "${said.decision}" is not a decision.`
}

// The lines with the same cause as the current one.
function selectGroup () {
  if (!current) return
  const { group } = byId.get(current)
  selected.clear()
  select([...found].filter((id) => byId.get(id).group === group), true)
}

function undo () {
  if (!undone.length) return
  state = JSON.parse(undone.pop())
  keep()
  render()
}

const quoted = (value) => `"${String(value ?? '').replaceAll('"', '""')}"`

function rowsToSave () {
  const rows = []
  const row = (id, code, said) => rows.push({
    item_id: id, list_week: list.week, reviewer_brid: list.reviewer, list_code: code, decided_by: state.as, ...said
  })
  for (const item of list.items) if (state.answers[item.id]) row(item.id, item.code, state.answers[item.id])
  if (state.attested) row(list.attestation.id, list.attestation.code, { decision: 'attest', decided_at: state.attested })
  return rows
}

function save () {
  const rows = rowsToSave()
  if (!rows.length) { at('saved').textContent = 'Nothing is decided yet.'; return }
  const text = [list.columns, ...rows.map((row) => list.columns.map((column) => row[column]))]
    .map((cells) => cells.map(quoted).join(',')).join('\r\n') + '\r\n'
  const link = element('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  // The time makes each name new; the date is that of the list.
  link.download = `review_decisions_${name}_${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}_${list.week}.csv`
  document.body.append(link)
  link.click()
  link.remove()
  URL.revokeObjectURL(link.href)
  at('saved').textContent = `${rows.length} answers saved as ${link.download}.`
}

function move (step) {
  const place = shown.indexOf(current) + step
  if (shown[place]) go(shown[place])
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  r: () => decide('revoke'),
  k: () => decide('keep'),
  w: () => decide('wrong persona'),
  n: () => decide('not mine'),
  x: () => current && select([current], !selected.has(current)),
  a: () => select([...found], selected.size !== found.size),
  g: selectGroup,
  u: undo,
  s: save,
  '/': () => at('search').focus()
}

document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input:not([type=checkbox]), select, dialog')
  if (event.key === 'Escape' && isTyping && !at('ask').open) event.target.blur()
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  const does = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key]
  if (does) { event.preventDefault(); does() }
})
at('tools').addEventListener('submit', (event) => event.preventDefault())
for (const button of document.querySelectorAll('[data-decide]')) button.addEventListener('click', () => decide(button.dataset.decide))
at('undo').addEventListener('click', undo)
at('save').addEventListener('click', save)
at('search').addEventListener('input', render)
at('show').addEventListener('change', render)
at('as').addEventListener('change', () => change(() => { state.as = at('as').value.trim() || owner }))
at('attest').addEventListener('change', () => change(() => { state.attested = at('attest').checked ? new Date().toISOString().slice(0, 19) : null }))
at('ask-cancel').addEventListener('click', () => at('ask').close())
at('ask').addEventListener('submit', (event) => { event.preventDefault(); answerAsked() })
restore()
render()
