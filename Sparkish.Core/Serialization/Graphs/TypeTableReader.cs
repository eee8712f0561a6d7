#pragma warning disable MA0048 // a row is kept with its table
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>A type that the input names. It may be missing here, which is an error only if it is used.</summary>
internal sealed class NamedType(Type? found, string? error, int size, string? layoutError = null)
{
    private ObjectPlan? _plan;

    public Type? Found => found;

    public string? Error => error;

    /// <summary>The number of names in it.</summary>
    public int Size => size;

    /// <summary>The reason why blocks of it, or of a part of it, cannot be read; null if they can.</summary>
    public string? LayoutError => layoutError;

    public Type Type => found ?? throw new SerializationException(error!);

    public ObjectPlan Plan => _plan ??= ObjectPlans.For(Type);

    /// <summary>Whether it is shared by all graphs, and so stores nothing of one.</summary>
    public bool IsWellKnown { get; init; }

    /// <summary>Whether the graph's rule was already applied.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>The written form of a type that is missing here, so that its objects can be skipped.</summary>
    public WrittenShape? Skipped { get; set; }
}

/// <summary>The types of one graph being read.</summary>
internal sealed class TypeTableReader(TypeBinder binder, TypeAdmission admission)
{
    // A few bytes can describe a type whose name would fill all memory, as each argument may be the previous type.
    private const int LargestType = 1000;

    // The runtime never unloads a constructed type; this is its approximate memory.
    private const int BytesOfType = 4096;

    // Looking for a missing type may take a millisecond.
    private const int MostMissing = 1000;

    private static readonly NamedType[] WellKnown = [.. TypeTable.WellKnown.Select(type => new NamedType(type, null, 1) { IsWellKnown = true })];

    private readonly List<NamedType> _types = [];
    private readonly List<string> _assemblies = [];
    private HashSet<Type>? _surrogated;
    private int _missing;

    /// <summary>Whether the input has named a surrogate of a type.</summary>
    public bool HasSurrogate(Type type) => _surrogated?.Contains(type) == true;

    public NamedType Read(ref ByteReader input)
    {
        var number = input.ReadCount(minBytesEach: 0) - 1;
        if (number >= 0)
        {
            if (number < WellKnown.Length) return WellKnown[number];
            number -= WellKnown.Length;
            return number < _types.Count ? _types[number] : throw new SerializationException($"Type {number} is referred to but was not written.");
        }

        input.Enter();
        var type = ReadParts(ref input);
        input.Leave();
        if (type.Found is null && ++_missing > MostMissing)
            throw new SerializationException($"The input names more than {MostMissing} types that are not known here.");
        _types.Add(type);
        return type;
    }

    private NamedType ReadParts(ref ByteReader input)
    {
        var kind = input.ReadByte();
        switch (kind)
        {
            case TypeTable.Named or TypeTable.NamedBlock:
                var assembly = ReadAssembly(ref input);
                var name = input.ReadString() ?? "";
                var named = binder.TryFindType(assembly, name, out var error) is { } found ? new NamedType(found, null, 1) : new(null, error, 1);
                return CheckLayout(named, kind is TypeTable.NamedBlock, ref input);
            case TypeTable.Generic or TypeTable.GenericBlock:
                return CheckLayout(ReadGeneric(ref input), kind is TypeTable.GenericBlock, ref input);
            case TypeTable.Surrogated:
                return ReadSurrogated(ref input);
            case TypeTable.Vector:
                return Make([Read(ref input)], parts => parts[0].MakeArrayType(), ref input);
            case TypeTable.Matrix:
                var rank = input.ReadCount(minBytesEach: 0);
                if (rank is < 1 or > 32) throw new SerializationException($"{rank} is not a valid rank of an array.");
                return Make([Read(ref input)], parts => parts[0].MakeArrayType(rank), ref input);
            default:
                throw new SerializationException($"Unknown kind of type {kind}.");
        }
    }

    private NamedType ReadSurrogated(ref ByteReader input)
    {
        var target = SurrogateTable.Check(Read(ref input).Type, admission);
        input.Enter();
        var type = ReadParts(ref input);
        input.Leave();
        if (type.Found is { } found)
            (_surrogated ??= [])
                .Add(found.IsAssignableTo(target) ? found : throw new SerializationException($"{found} is not a {target}, the type that the surrogate replaces."));
        return type;
    }

    private NamedType ReadGeneric(ref ByteReader input)
    {
        var definition = Read(ref input);
        var parts = new NamedType[input.ReadCount() + 1];
        parts[0] = definition;
        for (var i = 1; i < parts.Length; i++) parts[i] = Read(ref input);
        return Make(parts, binder.Constructing, ref input);
    }

    private static NamedType CheckLayout(NamedType named, bool isBlock, ref ByteReader input)
    {
        var written = isBlock ? input.ReadUnmanaged<uint>() : 0;
        if (named.Found is not { } type || written == BlockLayout.Of(type)) return named;
        return new NamedType(
            type, null, named.Size,
                $"{type} has another memory layout here than in the process that wrote it, and its values are copied as a block: deploy the same build everywhere.");
    }

    private static NamedType Make(NamedType[] parts, Func<Type[], Type> make, ref ByteReader input)
    {
        var size = 1L;
        foreach (var part in parts) size += part.Size;
        if (size > LargestType) throw new SerializationException($"The input describes a type of more than {LargestType} parts.");
        input.Charge(size, BytesOfType);
        var types = new Type[parts.Length];
        string? layoutError = null;
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Found is not { } found) return new(null, parts[i].Error, (int)size);
            types[i] = found;
            layoutError ??= parts[i].LayoutError;
        }

        try
        {
            return new(make(types), null, (int)size, layoutError);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or TypeLoadException or NotSupportedException)
        {
            return new(null, $"The input describes a type that cannot be constructed: {e.Message}", (int)size);
        }
    }

    private string ReadAssembly(ref ByteReader input)
    {
        var number = input.ReadCount(minBytesEach: 0) - 1;
        if (number < 0)
        {
            _assemblies.Add(input.ReadString() ?? "");
            return _assemblies[^1];
        }

        return number < _assemblies.Count ? _assemblies[number] : throw new SerializationException($"Assembly {number} is referred to but was not written.");
    }
}
