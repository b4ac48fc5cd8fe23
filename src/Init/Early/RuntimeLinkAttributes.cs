// The compiler knows these two by name. They are internal to the core library, so that whoever wants code to run
// before the runtime has to declare them again: docs/adr/0002-native-aot-start-up.md.
#pragma warning disable CS0436

namespace System.Runtime;

/// <summary>Gives a static method a symbol of its own, without the prologue that enters the runtime.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string entry) : Attribute
{
    /// <summary>The symbol.</summary>
    public string EntryPoint { get; } = entry;
}

/// <summary>Binds an <c>InternalCall</c> method to a symbol, as a plain call.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute(string dll, string entry) : Attribute
{
    /// <summary>Always <c>*</c>: the symbol is linked statically.</summary>
    public string DllName { get; } = dll;

    /// <summary>The symbol.</summary>
    public string EntryPoint { get; } = entry;
}
