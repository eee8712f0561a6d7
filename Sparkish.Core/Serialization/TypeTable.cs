#pragma warning disable MA0048 // both directions of one format stand together
namespace Sparkish.Serialization;

/// <summary>
/// Types in a graph: a number for a known one, or zero and its parts: assembly and full name, a generic type with its arguments, or an
/// array's element. Common types are known from the start.
/// </summary>
internal static class TypeTable
{
    public const byte Named = 0;
    public const byte Generic = 1;
    public const byte Vector = 2;
    public const byte Matrix = 3;

    public static readonly Type[] WellKnown =
    [
        typeof(object), typeof(string), typeof(bool), typeof(byte), typeof(short), typeof(int), typeof(long), typeof(float), typeof(double),
        typeof(char), typeof(decimal), typeof(DateTime), typeof(TimeSpan), typeof(Guid), typeof(sbyte), typeof(ushort), typeof(uint), typeof(ulong),
        typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Action<>), typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>),
        typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(KeyValuePair<,>), typeof(IEnumerable<>),
    ];

    public static readonly Dictionary<Type, int> WellKnownNumbers = NumberWellKnown();

    private static Dictionary<Type, int> NumberWellKnown()
    {
        var numbers = new Dictionary<Type, int>();
        foreach (var type in WellKnown) numbers.Add(type, numbers.Count + 1);
        return numbers;
    }
}

internal sealed class TypeTableWriter
{
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<string, int> _assemblies = new(StringComparer.Ordinal);

    public void Clear()
    {
        _types.Clear();
        _assemblies.Clear();
    }

    public void Write(ByteWriter output, Type type)
    {
        if (TypeTable.WellKnownNumbers.TryGetValue(type, out var number) || _types.TryGetValue(type, out number))
        {
            output.WriteCount(number);
            return;
        }

        output.WriteCount(0);
        WriteParts(output, type);
        _types.Add(type, TypeTable.WellKnown.Length + _types.Count + 1);
    }

    private void WriteParts(ByteWriter output, Type type)
    {
        if (type.IsArray)
        {
            output.WriteByte(type.IsSZArray ? TypeTable.Vector : TypeTable.Matrix);
            if (!type.IsSZArray) output.WriteCount(type.GetArrayRank());
            Write(output, type.GetElementType()!);
        }
        else if (type.IsConstructedGenericType)
        {
            output.WriteByte(TypeTable.Generic);
            Write(output, type.GetGenericTypeDefinition());
            output.WriteCount(type.GenericTypeArguments.Length);
            foreach (var argument in type.GenericTypeArguments) Write(output, argument);
        }
        else
        {
            output.WriteByte(TypeTable.Named);
            WriteAssembly(output, AssemblyNames.Of(type.Assembly));
            output.WriteString(type.FullName ?? throw new SerializationException($"{type} has no name to be found by."));
        }
    }

    private void WriteAssembly(ByteWriter output, string name)
    {
        if (_assemblies.TryGetValue(name, out var number))
        {
            output.WriteCount(number);
            return;
        }

        output.WriteCount(0);
        output.WriteString(name);
        _assemblies.Add(name, _assemblies.Count + 1);
    }
}

/// <summary>A type that the input names; it may be missing here, which matters only to who needs it.</summary>
internal sealed record NamedType(Type? Found, string? Error, int Size)
{
    public Type Type => Found ?? throw new SerializationException(Error!);
}

internal sealed class TypeTableReader(TypeBinder binder)
{
    // A few bytes can describe a type whose name would fill all memory, as each argument may be the one before.
    private const int LargestType = 1000;

    private static readonly NamedType[] WellKnown = [.. TypeTable.WellKnown.Select(type => new NamedType(type, null, 1))];

    private readonly List<NamedType> _types = [];
    private readonly List<string> _assemblies = [];

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
        _types.Add(type);
        return type;
    }

    private NamedType ReadParts(ref ByteReader input)
    {
        switch (input.ReadByte())
        {
            case TypeTable.Named:
                var assembly = ReadAssembly(ref input);
                var name = input.ReadString() ?? "";
                return binder.TryFindType(assembly, name, out var error) is { } found ? new(found, null, 1) : new(null, error, 1);
            case TypeTable.Generic:
                return ReadGeneric(ref input);
            case TypeTable.Vector:
                return Make([Read(ref input)], parts => parts[0].MakeArrayType());
            case TypeTable.Matrix:
                var rank = input.ReadCount(minBytesEach: 0);
                if (rank is < 1 or > 32) throw new SerializationException($"{rank} is no rank of an array.");
                return Make([Read(ref input)], parts => parts[0].MakeArrayType(rank));
            case var other:
                throw new SerializationException($"{other} marks no kind of type.");
        }
    }

    private NamedType ReadGeneric(ref ByteReader input)
    {
        var definition = Read(ref input);
        var parts = new NamedType[input.ReadCount() + 1];
        parts[0] = definition;
        for (var i = 1; i < parts.Length; i++) parts[i] = Read(ref input);
        return Make(parts, static types => types[0].MakeGenericType(types[1..]));
    }

    private static NamedType Make(NamedType[] parts, Func<Type[], Type> make)
    {
        var size = parts.Sum(part => (long)part.Size) + 1;
        if (size > LargestType) throw new SerializationException($"The input describes a type of more than {LargestType} parts.");
        if (Array.Find(parts, part => part.Found is null) is { } missing) return new(null, missing.Error, (int)size);
        try
        {
            return new(make([.. parts.Select(part => part.Type)]), null, (int)size);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or TypeLoadException or NotSupportedException)
        {
            return new(null, $"The input describes a type that cannot be made: {e.Message}", (int)size);
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
