namespace Sparkish.Serialization;

/// <summary>The state of one graph being read: objects by number and types by number.</summary>
internal sealed class ObjectReader(TypeBinder binder)
{
    private readonly List<object?> _objects = [];
    private readonly HashSet<ObjectPlan> _described = [];

    public TypeBinder Binder => binder;

    public TypeTableReader Types { get; } = new(binder);

    public object? Read(ref ByteReader input)
    {
        input.Enter();
        var tag = (NodeTag)input.ReadByte();
        while (tag == NodeTag.Prelude)
        {
            Read(ref input);
            tag = (NodeTag)input.ReadByte();
        }

        object? value = tag switch
        {
            NodeTag.Null => null,
            NodeTag.Reference => Known(input.ReadCount(minBytesEach: 0)),
            NodeTag.Object => ReadNew(ObjectPlans.For(Types.Read(ref input).Type), ref input),
            NodeTag.Exception => ReadException(ref input),
            _ => throw new SerializationException($"{(byte)tag} marks no object."),
        };
        input.Leave();
        return value;
    }

    public object? ReadSlot(ObjectPlan? structure, ref ByteReader input) => structure is null ? Read(ref input) : structure.Read(this, ref input, id: -1);

    public bool IsFirst(ObjectPlan plan) => _described.Add(plan);

    /// <summary>Makes an object known before its parts are read, so that they may refer to it.</summary>
    public void Register(int id, object value)
    {
        if (id >= 0) _objects[id] = value;
    }

    private object ReadNew(ObjectPlan plan, ref ByteReader input)
    {
        if (plan.Tag != NodeTag.Object) throw new SerializationException($"{plan.Type} stands where it cannot.");
        var id = plan.IsShared ? Reserve() : -1;
        var value = plan.Read(this, ref input, id);
        Register(id, value);
        return value;
    }

    private Exception ReadException(ref ByteReader input)
    {
        var id = Reserve();
        var exception = ExceptionPlan.ReadAny(this, ref input);
        Register(id, exception);
        return exception;
    }

    private int Reserve()
    {
        _objects.Add(null);
        return _objects.Count - 1;
    }

    private object Known(int id) =>
        id < _objects.Count ? _objects[id] ?? throw new SerializationException($"Object {id} is referred to before it is complete.")
        : throw new SerializationException($"Object {id} is referred to but was not written.");
}
