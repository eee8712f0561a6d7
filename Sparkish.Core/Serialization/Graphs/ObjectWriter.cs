using System.Runtime.InteropServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>The state of one graph being written: objects by number, types by number, and the path from the root.</summary>
internal sealed class ObjectWriter
{
    // A writer of a graph with more objects is not pooled.
    private const int LargestSpare = 1 << 14;

    [ThreadStatic]
    private static ObjectWriter? _spare;

    private readonly ReferenceTable _objects = new();
    private readonly HashSet<ObjectPlan> _described = [];
    private readonly List<PathSegment> _path = [];
    private ObjectPlan? _lastDescribed;
    private ByteWriter _output = null!;
    private SurrogateTable? _surrogates;

    public ByteWriter Output => _output;

    public TypeTableWriter Types { get; } = new();

    /// <summary>The types that may be sent.</summary>
    public TypeAdmission Admission { get; private set; } = TypeAdmission.Default;

    /// <summary>Whether this is a trial: blocks without references are omitted.</summary>
    public bool IsTrial { get; set; }

    public static ObjectWriter Rent(ByteWriter output)
    {
        var writer = _spare ?? new ObjectWriter();
        _spare = null;
        writer._output = output;
        writer.Admission = output.Context?.Admission ?? TypeAdmission.Default;
        writer._surrogates = SurrogateTable.Of(output.Context);
        writer.Types.Surrogates = writer._surrogates;
        return writer;
    }

    public void Return()
    {
        _objects.Clear();
        _described.Clear();
        _path.Clear();
        Types.Clear();
        IsTrial = false;
        (_output, _lastDescribed, _surrogates, Admission) = (null!, null, null, TypeAdmission.Default);
        if (_objects.Capacity <= LargestSpare) _spare = this;
    }

    /// <summary>Writes the root; its type comes first, so that a reader knows it before any object is created.</summary>
    public void WriteRoot(object? value)
    {
        if (value is not null)
        {
            var type = Types.Of(value.GetType());
            var plan = type.Plan ?? Plan(type);
            if (type.IsLate && plan.Prerequisite(value) is not null)
            {
                _output.WriteByte((byte)NodeTag.Root);
                Types.Write(_output, type);
            }
        }

        Write(value);
    }

    public void Write(object? value)
    {
        if (value is null)
        {
            _output.WriteByte((byte)NodeTag.Null);
            return;
        }

        var type = Types.Of(value.GetType());
        var plan = type.Plan ?? Plan(type);
        if (type.IsLate && plan.Prerequisite(value) is { } first && _objects.Find(value) < 0 && IsPrelude(first)) WriteWithPrelude(first, value);
        else WriteNode(type, plan, value);
    }

    /// <summary>Writes the value of a field or element; structs need no tag and no type.</summary>
    public void WriteSlot(ObjectPlan? structure, object? value)
    {
        if (structure is null) Write(value);
        else structure.Write(this, value!);
    }

    /// <summary>Writes the value of a field, whose name extends the path meanwhile.</summary>
    public void WriteField(string name, object? value)
    {
        _path.Add(new PathSegment(name, 0));
        Write(value);
        _path.RemoveAt(_path.Count - 1);
    }

    public void Push(string name) => _path.Add(new PathSegment(name, 0));

    public void Push(int index) => _path.Add(new PathSegment(null, index));

    public void Pop() => _path.RemoveAt(_path.Count - 1);

    /// <summary>Whether the shape of this plan's type must be written now, on its first use.</summary>
    public bool IsFirst(ObjectPlan plan)
    {
        if (ReferenceEquals(plan, _lastDescribed)) return false;
        _lastDescribed = plan;
        return _described.Add(plan);
    }

    /// <summary>Throws unless objects of a type may be sent.</summary>
    public void Admit(Type type)
    {
        if (Admission.Refusal(type, HasSurrogate) is { } reason) throw Refuse(reason, type);
    }

    /// <summary>Whether an object was already written.</summary>
    public bool HasMet(object value) => _objects.Find(value) >= 0;

    public SerializationException Refuse(string reason, Type? type = null, Exception? cause = null) =>
        new(PathSegment.Join(CollectionsMarshal.AsSpan(_path)), reason, cause) { RefusedType = type };

    private void WriteNode(WrittenType type, ObjectPlan plan, object value)
    {
        var id = -1;
        if (type.IsShared && !_objects.TryAdd(value, type.IsLate, out id))
        {
            if (_objects.IsOpen(id)) throw Refuse($"{value.GetType()} is part of a cycle and can be created only after all its parts");
            _output.WriteByte((byte)NodeTag.Reference);
            _output.WriteCount(id);
            return;
        }

        Enter();
        _output.WriteByte((byte)plan.Tag);
        if (plan.Tag is NodeTag.Object or NodeTag.Fields) Types.Write(_output, ReferenceEquals(plan.Type, type.Type) ? type : Types.Of(plan.Type));
        plan.Write(this, value);
        if (type.Refusal is { } reason) throw Refuse(reason, plan.Type);
        if (type is { IsShared: true, IsLate: true }) _objects.Close(id);
        _output.Leave();
    }

    private void WriteWithPrelude(object first, object value)
    {
        Enter();
        _output.WriteByte((byte)NodeTag.Prelude);
        Write(first);
        Write(value);
        _output.Leave();
    }

    private bool IsPrelude(object first)
    {
        if (_objects.Find(first) >= 0) return false;
        var type = Types.Of(first.GetType());
        _ = type.Plan ?? Plan(type);
        return type.IsShared;
    }

    private ObjectPlan Plan(WrittenType entry)
    {
        var type = entry.Type;
        var plan = _surrogates?.PlanFor(type) ?? ObjectPlans.For(type);
        var refusal = plan.Tag switch
        {
            NodeTag.Surrogate => Admission.Denial(type),
            NodeTag.Exception => null,
            _ => Admission.Refusal(plan.Type, HasSurrogate),
        };
        if (refusal is not null && !Admission.IsContainer(type)) throw Refuse(refusal, plan.Type);
        entry.Take(plan, refusal);
        return plan;
    }

    private bool HasSurrogate(Type type) => FrameworkAssemblies.Contains(type.Assembly) && _surrogates?.TypeFor(type) is not null;

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
