-- Makes the sandbox. Called once, with the functions that are written in Java, and, if these raise
-- errors themselves, with the pattern functions that take no pattern that is too long; returns the error handler, the globals as scripts see them, the table that
-- they stand in, what hides them while a library is loaded, and a table in which `killed` says that
-- the script has to end.
--
-- What a script can reach are the functions listed here and nothing else. Tables that all scripts
-- share are seen through empty tables that refuse to be changed; `real` knows what is behind them.

local java, guarded = ...
local raising = guarded and true
local getinfo = debug.getinfo
local error, type, tostring, tonumber = error, type, tostring, tonumber
local rawget, rawset, rawequal, next, select, unpack = rawget, rawset, rawequal, next, select, unpack
local getmetatable, setmetatable, loadstring = getmetatable, setmetatable, loadstring
local pairs, pcall, collectgarbage, gcinfo = pairs, pcall, collectgarbage, gcinfo
local getfenv, setfenv = getfenv, setfenv
local concat, byte = table.concat, string.byte
local lua = { string = string, table = table, math = math, coroutine = coroutine }

local status = {}
local KILLED = "killed"

local MAX_INT = 2 ^ 31 - 1
local MOST_UNPACKED = 8000

local READ_ONLY = "Attempt to modify a readonly table"
local PRELUDE = "=prelude"

local real = {}
local metatables = {}

local function refuse()
  error(READ_ONLY, 2)
end

local function guard(t, metatable)
  local seen = {}
  real[seen] = t
  metatables[seen] = metatable
  setmetatable(seen, { __index = t, __newindex = refuse })
  return seen
end

-- ---- Functions of ours ---------------------------------------------------------------------------

-- Raises at its caller's caller what a function of ours has returned as an error.
local function checked(e, ...)
  if e ~= nil then
    error(e, 3)
  end
  return ...
end

local function ours(f)
  if raising then
    return f
  end
  return function(...)
    return checked(f(...))
  end
end

-- ---- Basic functions -----------------------------------------------------------------------------

local G = {}

for _, name in ipairs {
  "_VERSION", "assert", "collectgarbage", "error", "gcinfo", "ipairs", "rawequal", "select",
  "tonumber", "tostring", "type", "unpack",
} do
  G[name] = _G[name]
end

local function named(value)
  return type(value)
end

-- The type of the argument as Lua's own complaints name it.
local function typeOf(count, value)
  if count == 0 then
    return "no value"
  end
  return type(value)
end

-- Whoever catches an error must not catch the end of a script that was killed.
local function goOnDying()
  if status.killed then
    error(KILLED, 0)
  end
end

-- A table in an error becomes its text, as scripts of older versions expect.
local function caught(...)
  local ok, e = ...
  if ok then
    return ...
  end
  goOnDying()
  if type(e) == "table" then
    local text = rawget(real[e] or e, "err")
    if type(text) == "string" then
      return false, text
    end
  end
  return ...
end

-- Lua's own wraps around at the end of 32 bits, and writes over its stack.
function G.unpack(...)
  local t, i, j = ...
  if type(t) ~= "table" then
    error("bad argument #1 to 'unpack' (table expected, got " .. typeOf(select("#", ...), t) .. ")", 2)
  end
  if i == nil and j == nil then
    return unpack(t)
  end
  local from, to = tonumber(i == nil and 1 or i), tonumber(j == nil and #t or j)
  if not from or not to then
    local wrong, at = from and j or i, from and 3 or 2
    error("bad argument #" .. at .. " to 'unpack' (number expected, got " .. type(wrong) .. ")", 2)
  end
  if from > to then
    return
  end
  if not (to - from < MOST_UNPACKED and from >= -MAX_INT - 1 and to <= MAX_INT) then
    error("too many results to unpack", 2)
  end
  return unpack(t, from, to)
end

function G.pcall(...)
  return caught(pcall(...))
end

-- Lua's own runs the handler where no hook can stop it.
local function handled(handler, ok, ...)
  if ok then
    return true, ...
  end
  goOnDying()
  local _, result = pcall(handler, ...)
  goOnDying()
  return false, result
end

function G.xpcall(f, handler)
  return handled(handler, pcall(f))
end

function G.getmetatable(...)
  local t = ...
  if select("#", ...) == 0 then
    error("bad argument #1 to 'getmetatable' (value expected)", 2)
  end
  if real[t] ~= nil then
    return metatables[t]
  end
  if type(t) == "string" then
    return metatables[""]
  end
  return getmetatable(t)
end

function G.setmetatable(...)
  local t, metatable = ...
  if real[t] then
    error(READ_ONLY, 0)
  end
  if type(t) ~= "table" then
    error("bad argument #1 to 'setmetatable' (table expected, got " .. typeOf(select("#", ...), t) .. ")", 2)
  end
  if (metatable == nil and select("#", ...) < 2) or (metatable ~= nil and type(metatable) ~= "table") then
    error("bad argument #2 to 'setmetatable' (nil or table expected)", 2)
  end
  local current = getmetatable(t)
  if type(current) == "table" and rawget(current, "__metatable") ~= nil then
    error("cannot change a protected metatable", 2)
  end
  return setmetatable(t, metatable)
end

function G.rawset(...)
  local t, key, value = ...
  if real[t] then
    error(READ_ONLY, 0)
  end
  if type(t) ~= "table" then
    error("bad argument #1 to 'rawset' (table expected, got " .. typeOf(select("#", ...), t) .. ")", 2)
  end
  if select("#", ...) < 3 then
    error("bad argument #" .. select("#", ...) + 1 .. " to 'rawset' (value expected)", 2)
  end
  if key == nil then
    error("table index is nil", 0)
  end
  if key ~= key then
    error("table index is NaN", 0)
  end
  return rawset(t, key, value)
end

function G.rawget(...)
  local t, key = ...
  if type(t) ~= "table" then
    error("bad argument #1 to 'rawget' (table expected, got " .. typeOf(select("#", ...), t) .. ")", 2)
  end
  if select("#", ...) < 2 then
    error("bad argument #2 to 'rawget' (value expected)", 2)
  end
  return rawget(real[t] or t, key)
end

function G.next(...)
  local t, key = ...
  if type(t) ~= "table" then
    error("bad argument #1 to 'next' (table expected, got " .. typeOf(select("#", ...), t) .. ")", 2)
  end
  return next(real[t] or t, key)
end

function G.pairs(...)
  local t = ...
  if type(t) ~= "table" then
    error("bad argument #1 to 'pairs' (table expected, got " .. typeOf(select("#", ...), t) .. ")", 2)
  end
  if real[t] then
    return G.next, t, nil
  end
  return next, t, nil
end

-- ---- Compiling -----------------------------------------------------------------------------------

-- Compiled code could make Lua do anything; only source is taken.
local function isBinary(chunk)
  return byte(chunk, 1) == 27
end

local function compile(chunk, name)
  if isBinary(chunk) then
    return nil, "attempt to load a binary chunk"
  end
  return loadstring(chunk, name)
end

function G.loadstring(...)
  local chunk, name = ...
  if type(chunk) == "number" then
    chunk = tostring(chunk)
  end
  if type(chunk) ~= "string" then
    error("bad argument #1 to 'loadstring' (string expected, got " .. typeOf(select("#", ...), chunk) .. ")", 2)
  end
  return compile(chunk, name or chunk)
end

function G.load(...)
  local reader, name = ...
  if type(reader) ~= "function" then
    error("bad argument #1 to 'load' (function expected, got " .. typeOf(select("#", ...), reader) .. ")", 2)
  end
  local pieces = {}
  while true do
    local ok, piece = pcall(reader)
    if not ok then
      goOnDying()
      return nil, piece
    end
    if piece == nil or piece == "" then
      break
    end
    if type(piece) ~= "string" and type(piece) ~= "number" then
      return nil, "reader function must return a string"
    end
    pieces[#pieces + 1] = piece
  end
  return compile(concat(pieces), name or "=(load)")
end

-- ---- Libraries -----------------------------------------------------------------------------------

local function copy(t)
  local copied = {}
  for key, value in next, t do
    copied[key] = value
  end
  return copied
end

local libraries = {
  coroutine = copy(lua.coroutine),
  math = copy(lua.math),
  string = copy(lua.string),
  table = copy(lua.table),
  redis = {},
}

for name, f in next, java do
  local library, member = name:match("^([%a]+)%.(.*)$")
  if library then
    libraries[library] = libraries[library] or {}
    if member == "constants" then
      for key, value in next, ours(f)() do
        libraries[library][key] = value
      end
    else
      libraries[library][member] = ours(f)
    end
  end
end

for name, value in next, ours(java.constants)() do
  libraries.redis[name] = value
end

if not raising and libraries.cjson then
  local new = libraries.cjson.new
  function libraries.cjson.new()
    local made = new()
    for name, value in next, made do
      if type(value) == "function" then
        made[name] = ours(value)
      end
    end
    made.new = libraries.cjson.new
    return made
  end
end

local strings = libraries.string
local rep = strings.rep

-- Nothing, many times, would take its time.
function strings.rep(...)
  local s = ...
  if s == "" then
    return ""
  end
  return rep(...)
end

if guarded then
  for name, f in next, guarded do
    strings[name] = f
  end
else
  for _, name in next, { "find", "match", "gmatch", "gsub" } do
    local f = strings[name]
    strings[name] = function(...)
      local _, pattern = ...
      if type(pattern) == "string" and #pattern > 65536 then
        error("pattern too long", 0)
      end
      return f(...)
    end
  end
end

local coroutines = libraries.coroutine
local create, resume = coroutines.create, coroutines.resume

local function resumed(ok, ...)
  if not ok then
    goOnDying()
  end
  return ok, ...
end

function coroutines.resume(...)
  local co = ...
  if type(co) ~= "thread" then
    error("bad argument #1 to 'resume' (coroutine expected)", 2)
  end
  return resumed(resume(...))
end

local function unwrapped(ok, ...)
  if not ok then
    goOnDying()
    error((...), 3)
  end
  return ...
end

function coroutines.wrap(f)
  if type(f) ~= "function" then
    error("bad argument #1 to 'wrap' (Lua function expected)", 2)
  end
  local co = create(f)
  return function(...)
    return unwrapped(resume(co, ...))
  end
end

local tables = libraries.table
local insert, remove, sort, foreach, foreachi, setn = tables.insert, tables.remove, tables.sort, tables.foreach, tables.foreachi, tables.setn

local function writable(t, function_name, count)
  if type(t) ~= "table" then
    error("bad argument #1 to '" .. function_name .. "' (table expected, got " .. typeOf(count, t) .. ")", 3)
  end
  if real[t] then
    error(READ_ONLY, 0)
  end
end

local function integer(value, position, function_name)
  if tonumber(value) == nil or type(value) == "table" then
    error("bad argument #" .. position .. " to '" .. function_name .. "' (number expected, got " .. named(value) .. ")", 3)
  end
end

function tables.insert(...)
  local count = select("#", ...)
  local t, position, value = ...
  writable(t, "insert", count)
  if count == 2 then
    return insert(t, position)
  end
  if count ~= 3 then
    error("wrong number of arguments to 'insert'", 2)
  end
  integer(position, 2, "insert")
  if tonumber(position) < -MOST_UNPACKED then
    error("bad argument #2 to 'insert' (position out of bounds)", 2)
  end
  return insert(t, position, value)
end

function tables.remove(...)
  local count = select("#", ...)
  local t, position = ...
  writable(t, "remove", count)
  if count < 2 or position == nil then
    return remove(t)
  end
  integer(position, 2, "remove")
  return remove(t, position)
end

function tables.sort(...)
  local t, less = ...
  writable(t, "sort", select("#", ...))
  if less ~= nil and type(less) ~= "function" then
    error("bad argument #2 to 'sort' (function expected, got " .. named(less) .. ")", 2)
  end
  sort(t, less)
end

function tables.foreach(t, f)
  return foreach(real[t] or t, f)
end

local loading = libraries.loading
libraries.loading = nil
for name, library in next, libraries do
  G[name] = guard(library)
end

libraries.string.gfind = libraries.string.gmatch

getmetatable("").__index = libraries.string
metatables[""] = guard({ __index = G.string })

-- ---- Globals -------------------------------------------------------------------------------------

local missing = {
  __index = function(_, name)
    error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
  end,
}
setmetatable(G, missing)

local globals = guard(G, guard(missing))
G._G = globals

-- ---- Names that Redis has dropped ----------------------------------------------------------------

-- With `lua-enable-deprecated-api`. Environments are seen and replaced only where they are the
-- script's own: that of a function of ours is what the sandbox hides.
if java.deprecatedApi then
  local own = setmetatable({}, { __mode = "k" })

  -- Called by what the script calls, so the script's function of level 1 is the third.
  local function owned(f, name)
    if type(f) == "number" and f >= 1 then
      local frame = getinfo(f + 2, "f")
      f = frame and frame.func
    end
    if type(f) ~= "function" then
      error("bad argument #1 to '" .. name .. "' (function expected)", 3)
    end
    local environment = getfenv(f)
    if environment ~= globals and not own[environment] then
      error("'" .. name .. "' cannot reach the environment of given object", 3)
    end
    return f, environment
  end

  function G.getfenv(f)
    local _, environment = owned(f == nil and 1 or f, "getfenv")
    return environment
  end

  function G.setfenv(f, environment)
    local target = owned(f, "setfenv")
    if type(environment) ~= "table" then
      error("bad argument #2 to 'setfenv' (table expected, got " .. type(environment) .. ")", 2)
    end
    own[environment] = true
    return setfenv(target, environment)
  end

  -- A table: the finalizer of a userdata would run wherever memory is asked for, also below Java,
  -- where it must not raise errors.
  function G.newproxy(...)
    local like = ...
    if like == true then
      return setmetatable({}, {})
    end
    return setmetatable({}, type(like) == "table" and not real[like] and getmetatable(like) or nil)
  end
end

-- What a library sees while it is loaded.
local seen = getmetatable(globals)
local L = {}
if loading then
  for _, name in next, {
    "log", "setresp", "LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING", "REDIS_VERSION", "REDIS_VERSION_NUM",
  } do
    loading[name] = libraries.redis[name]
  end
  loading.setresp = nil
  setmetatable(loading, missing)
  L.redis = guard(loading, guard(missing))
  setmetatable(L, missing)
end

local function load(on)
  seen.__index = on and L or G
end

-- ---- Errors --------------------------------------------------------------------------------------

-- Makes a table of an error, with the place where it came about.
local function handler(e)
  local level = 2
  local place = getinfo(level, "Sl")
  while place and (place.what == "C" or place.what == "tail" or place.source == PRELUDE) do
    level = level + 1
    place = getinfo(level, "Sl")
  end
  if type(e) ~= "table" or real[e] then
    e = { err = "ERR " .. tostring(e) }
  end
  if place then
    rawset(e, "source", place.source)
    rawset(e, "line", place.currentline)
  end
  return e
end

return handler, globals, G, load, status
