using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Tests.Architecture;

/// <summary>A record is a value: two that are equal stay so, since nothing of a record changes.</summary>
internal sealed class RecordsTests
{
    private static readonly HashSet<Type> MutableCollections =
    [
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>), typeof(SortedDictionary<,>), typeof(SortedSet<>),
        typeof(LinkedList<>), typeof(PriorityQueue<,>), typeof(OrderedDictionary<,>),
    ];

    private static readonly Assembly[] Assemblies = [typeof(SparkContext).Assembly, typeof(Sparkish.Deploy.Master.Master).Assembly];

    [Test]
    public void No_record_holds_mutable_state()
    {
        var mutable = from assembly in Assemblies
                      from type in assembly.GetTypes()
                      where IsRecord(type)
                      from field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                      where !field.IsInitOnly || (field.FieldType.IsGenericType && MutableCollections.Contains(field.FieldType.GetGenericTypeDefinition()))
                      select $"{type}.{field.Name}";

        Assert.That(mutable, Is.Empty);
    }

    // All records print their members by a method that the compiler writes.
    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)?.IsDefined(
            typeof(CompilerGeneratedAttribute)) is true;
}
