namespace Sparkish.Serialization.Graphs;

/// <summary>
/// Types in a graph: a number for a known one, or zero and its parts: assembly and full name, a generic type with its arguments, or an array's element. Common
/// types are predefined. The fingerprint of its layout follows a type that is written in blocks.
/// </summary>
internal static class TypeTable
{
    public const byte Named = 0;
    public const byte Generic = 1;
    public const byte Vector = 2;
    public const byte Matrix = 3;
    public const byte NamedBlock = 4;
    public const byte GenericBlock = 5;

    /// <summary>A framework's type with its surrogate, so that collections of it are admitted; the type itself follows.</summary>
    public const byte Surrogated = 6;

    public static readonly Type[] WellKnown =
    [
        typeof(object), typeof(string), typeof(bool), typeof(byte), typeof(short), typeof(int), typeof(long), typeof(float), typeof(double),
        typeof(char), typeof(decimal), typeof(DateTime), typeof(TimeSpan), typeof(Guid), typeof(sbyte), typeof(ushort), typeof(uint), typeof(ulong),
        typeof(Func<>), typeof(Func<,>), typeof(Func<,,>), typeof(Action<>), typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>),
        typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(KeyValuePair<,>), typeof(IEnumerable<>), typeof(Type), typeof(Nullable<>),
        typeof(Action), typeof(Action<,>), typeof(Func<,,,>), typeof(Comparison<>), typeof(Predicate<>), typeof(Tuple<,>), typeof(Tuple<,,>),
        typeof(ValueTuple<,,,>), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(Uri), typeof(Version), typeof(byte[]),
        typeof(int[]), typeof(long[]), typeof(double[]), typeof(string[]), typeof(object[]), typeof(List<string>), typeof(List<int>),
        typeof(Dictionary<string, string>), typeof(Dictionary<string, object>), typeof(IReadOnlyList<>), typeof(IReadOnlyDictionary<,>),
    ];

    public static readonly Dictionary<Type, int> WellKnownNumbers = NumberWellKnown();

    private static Dictionary<Type, int> NumberWellKnown()
    {
        var numbers = new Dictionary<Type, int>();
        foreach (var type in WellKnown) numbers.Add(type, numbers.Count + 1);
        return numbers;
    }
}
