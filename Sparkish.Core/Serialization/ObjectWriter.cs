#pragma warning disable MA0048 // the tags stand before their only writer
using System.Runtime.InteropServices;

namespace Sparkish.Serialization;

/// <summary>What stands before each object of a graph.</summary>
internal enum NodeTag : byte
{
    Null = 0,

    /// <summary>An object that came before, by its number.</summary>
    Reference = 1,

    /// <summary>An object with its type.</summary>
    Object = 2,

    /// <summary>An object that the one behind it needs: a delegate can only be made when its target is there.</summary>
    Prelude = 3,

    /// <summary>An exception, which is readable without its type.</summary>
    Exception = 4,
}

/// <summary>The state of one graph being written: objects by number, types by number, and the path from the root.</summary>
internal sealed class ObjectWriter
{
    // A writer of a graph of more objects is not kept.
    private const int LargestSpare = 10_000;

    [ThreadStatic]
    private static ObjectWriter? _spare;

    private readonly Dictionary<object, int> _ids = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<ObjectPlan> _described = [];
    private readonly List<PathSegment> _path = [];
    private ByteWriter _output = null!;

    public ByteWriter Output => _output;

    public TypeTableWriter Types { get; } = new();

    /// <summary>Whether the graph is only tried: blocks without references are left out.</summary>
    public bool IsTrial { get; set; }

    public static ObjectWriter Rent(ByteWriter output)
    {
        var writer = _spare ?? new ObjectWriter();
        _spare = null;
        writer._output = output;
        return writer;
    }

    public void Return()
    {
        _ids.Clear();
        _described.Clear();
        _path.Clear();
        Types.Clear();
        IsTrial = false;
        _output = null!;
        if (_ids.Capacity <= LargestSpare) _spare = this;
    }

    public void Write(object? value)
    {
        if (value is null)
        {
            _output.WriteByte((byte)NodeTag.Null);
            return;
        }

        var plan = ObjectPlans.For(value.GetType());
        if (plan.IsShared && _ids.TryGetValue(value, out var known))
        {
            if (known < 0) throw Refuse($"{value.GetType()} is part of a cycle and can only be made when all its parts are there");
            _output.WriteByte((byte)NodeTag.Reference);
            _output.WriteCount(known);
            return;
        }

        Enter();
        if (plan.Prerequisite(value) is { } first && !_ids.ContainsKey(first) && ObjectPlans.For(first.GetType()).IsShared)
        {
            _output.WriteByte((byte)NodeTag.Prelude);
            Write(first);
            Write(value);
        }
        else
        {
            WriteNew(plan, value);
        }

        _output.Leave();
    }

    /// <summary>Writes the value of a field or element; structs need no tag and no type.</summary>
    public void WriteSlot(ObjectPlan? structure, object? value)
    {
        if (structure is null) Write(value);
        else structure.Write(this, value!);
    }

    public void Push(string name) => _path.Add(new PathSegment(name, 0));

    public void Push(int index) => _path.Add(new PathSegment(null, index));

    public void Pop() => _path.RemoveAt(_path.Count - 1);

    /// <summary>Whether the shape of this plan's type must be written now, since it comes for the first time.</summary>
    public bool IsFirst(ObjectPlan plan) => _described.Add(plan);

    /// <summary>Whether an object has been met already, written or refused.</summary>
    public bool HasMet(object value) => _ids.ContainsKey(value);

    public SerializationException Refuse(string reason, Type? type = null) => new(PathSegment.Join(CollectionsMarshal.AsSpan(_path)), reason) { RefusedType = type };

    private void WriteNew(ObjectPlan plan, object value)
    {
        var id = _ids.Count;
        if (plan.IsShared) _ids.Add(value, plan.IsLate ? ~id : id);
        _output.WriteByte((byte)plan.Tag);
        if (plan.Tag == NodeTag.Object) Types.Write(_output, plan.Type);
        plan.Write(this, value);
        if (plan is { IsShared: true, IsLate: true }) _ids[value] = id;
    }

    private void Enter()
    {
        try
        {
            _output.Enter();
        }
        catch (SerializationException e)
        {
            throw Refuse(e.Message.TrimEnd('.'));
        }
    }
}
