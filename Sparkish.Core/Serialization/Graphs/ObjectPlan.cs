namespace Sparkish.Serialization.Graphs;

/// <summary>Writes and reads objects of one type. Stateless: one instance serves all threads.</summary>
internal abstract class ObjectPlan(Type type)
{
    public Type Type => type;

    public virtual NodeTag Tag => NodeTag.Object;

    /// <summary>Whether the graph preserves shared references to the object; plain boxed values are repeated instead.</summary>
    public virtual bool IsShared => true;

    /// <summary>Whether the object exists only after all its parts were read, so that they cannot refer to it.</summary>
    public virtual bool IsLate => false;

    /// <summary>An object that must be complete before this one can be created.</summary>
    public virtual object? Prerequisite(object value) => null;

    /// <summary>Writes the content after the type.</summary>
    public abstract void Write(ObjectWriter writer, object value);

    /// <summary>Creates an object and registers it under its number as soon as parts may refer to it.</summary>
    public abstract object Read(ObjectReader reader, ref ByteReader input, int id);
}
