using System.Reflection;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>The evaluation stack of a method during its analysis, and its content at each entry point of the code.</summary>
internal sealed class SelfStack
{
    private readonly Dictionary<int, int> _indexes = [];
    private readonly HashSet<int> _targets = [];
    private readonly IList<ExceptionHandlingClause> _clauses;
    private readonly Dictionary<int, Operand[]> _entries = [];
    private readonly Stack<int> _pending = new();
    private readonly List<Operand> _values = [];

    public SelfStack(IReadOnlyList<IlInstruction> code, IList<ExceptionHandlingClause> clauses)
    {
        _clauses = clauses;
        for (var i = 0; i < code.Count; i++) _indexes[code[i].Offset] = i;
        foreach (var target in code.SelectMany(instruction => instruction.Targets)) _targets.Add(_indexes.GetValueOrDefault(target, -1));
        foreach (var clause in clauses) _targets.Add(_indexes.GetValueOrDefault(clause.HandlerOffset, -1));
    }

    public int Count => _values.Count;

    /// <summary>Whether more was popped than pushed: compilers do not emit such code.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Begins at the start of the method and of each handler.</summary>
    public void Start()
    {
        _entries.Clear();
        _values.Clear();
        TryEnter(0);
        foreach (var clause in _clauses)
        {
            // A filter and a catch begin with the exception.
            _values.Clear();
            if (clause.Flags is ExceptionHandlingClauseOptions.Clause or ExceptionHandlingClauseOptions.Filter) Push(Operand.Other);
            TryEnterAt(clause.HandlerOffset);
            if (clause.Flags == ExceptionHandlingClauseOptions.Filter) TryEnterAt(clause.FilterOffset);
        }
    }

    /// <summary>Returns the next position to continue at, with the stack at that point.</summary>
    public bool TryNext(out int index)
    {
        if (!_pending.TryPop(out index)) return false;
        _values.Clear();
        _values.AddRange(_entries[index]);
        return true;
    }

    /// <summary>Whether code may jump to an instruction.</summary>
    public bool IsEntry(int index) => _targets.Contains(index);

    public bool TryEnterAt(int offset) => _indexes.TryGetValue(offset, out var index) && TryEnter(index);

    /// <summary>Records the current stack for an instruction; false if it was recorded with another height.</summary>
    public bool TryEnter(int index)
    {
        if (!_entries.TryGetValue(index, out var known))
        {
            _entries[index] = [.. _values];
            _pending.Push(index);
            return true;
        }

        if (known.Length != _values.Count) return false;
        var isNew = false;
        for (var i = 0; i < known.Length; i++)
        {
            var joined = known[i].Or(_values[i]);
            isNew |= joined != known[i];
            known[i] = joined;
        }

        if (isNew) _pending.Push(index);
        return true;
    }

    public void Push(Operand value) => _values.Add(value);

    public void PushOthers(int count)
    {
        for (; count > 0; count--) Push(Operand.Other);
    }

    public Operand Pop()
    {
        if (_values.Count == 0)
        {
            IsBroken = true;
            return Operand.Other;
        }

        var value = _values[^1];
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    public void Duplicate()
    {
        var value = Pop();
        Push(value);
        Push(value);
    }

    public void Clear() => _values.Clear();
}
